"""Status: the four words, and when a stored one stops being believed."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["Status", "effective", "stale_after"]


class Status(StrEnum):
    """How an integration stands."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


def effective(status: Status, stale_at: datetime | None, now: datetime) -> Status:
    """Return the status as of now: `unknown` when it was never checked or its result is overdue."""
    return Status.UNKNOWN if stale_at is None or stale_at < now else status


def stale_after(checked_at: datetime, planned_at: datetime | None, interval_s: int) -> datetime:
    """Return when a result stops being believed.

    More than one interval past the *planned* next check and two past the last: a check that rests on purpose
    (`planned_at` far ahead) keeps its status; a paused one (`planned_at` None) keeps it for two intervals.
    """
    interval = timedelta(seconds=interval_s)
    two_past_last = checked_at + 2 * interval
    return two_past_last if planned_at is None else max(planned_at + interval, two_past_last)
