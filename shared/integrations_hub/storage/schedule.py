"""When an integration is due after its registration changed. Pure; both stores follow it."""

from __future__ import annotations

from datetime import datetime

from integrations_hub.catalog.model import Integration
from integrations_hub.health.machine import next_due
from integrations_hub.health.status import stale_after

__all__ = ["rescheduled"]


def rescheduled(
    old: Integration, new: Integration, *, resting: bool, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return `next_check_at` and `stale_at` of a changed integration whose standing is kept.

    Paused: never due, believed for two intervals after its last check. Resumed: due now. A changed interval starts a
    new beat, except for one that rests on purpose.
    """
    checked = old.last_checked_at
    if new.paused:
        if old.paused or checked is None:
            return None, old.stale_at
        return None, stale_after(checked, None, new.check_interval_seconds)
    if old.paused or old.next_check_at is None:
        return now, old.stale_at
    if new.check_interval_seconds == old.check_interval_seconds or checked is None:
        return old.next_check_at, old.stale_at
    due = old.next_check_at if resting else next_due(new.id, now, new.check_interval_seconds)
    return due, stale_after(checked, due, new.check_interval_seconds)
