"""When an integration is due after its registration changed. Pure; both stores follow it."""

from __future__ import annotations

from datetime import datetime

from integrations_hub.catalog.model import Integration
from integrations_hub.health.machine import next_due
from integrations_hub.health.status import stale_after

__all__ = ["outdates_check", "rescheduled"]

_CONCLUDED_FROM = ("paused", "maintenance", "check_interval_seconds", "failure_threshold", "success_threshold")


def outdates_check(old: Integration, new: Integration) -> bool:
    """Tell whether a check under way would conclude from what is no more: its plan, its thresholds, its silence."""
    return any(getattr(old, name) != getattr(new, name) for name in _CONCLUDED_FROM)


def rescheduled(
    old: Integration, new: Integration, *, rests_until: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return `next_check_at` and `stale_at` of a changed integration whose standing is kept.

    Paused: never due, believed for two intervals after its last check. Resumed: due now. A changed interval starts a
    new beat. One that rests on purpose goes on resting.
    """
    checked, resting = old.last_checked_at, rests_until is not None and rests_until > now
    if new.paused:
        if old.paused or checked is None:
            return None, old.stale_at
        return None, stale_after(checked, None, new.check_interval_seconds)
    if old.paused or old.next_check_at is None:
        if checked is None or rests_until is None or rests_until <= now:
            return now, old.stale_at
        return rests_until, stale_after(checked, rests_until, new.check_interval_seconds)
    if new.check_interval_seconds == old.check_interval_seconds or checked is None:
        return old.next_check_at, old.stale_at
    due = old.next_check_at if resting else next_due(new.id, now, new.check_interval_seconds)
    return due, stale_after(checked, due, new.check_interval_seconds)
