"""What a time span's checks add up to, as the statements of `queries.history` compute it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from integrations_hub.health.model import HealthWindow, HistoryEntry, SparkPoint
from integrations_hub.health.status import Status

__all__ = ["hour_of", "spark_point_of", "window_of"]

_GROWTH = 1.02 / 0.98  # of the bounds of latency buckets, whose values are within 2 %
_SHORTEST_MS = 0.1
_WORST_FIRST = (Status.UNHEALTHY, Status.DEGRADED, Status.HEALTHY, Status.UNKNOWN)


def hour_of(at: datetime) -> datetime:
    """Return when the hour began."""
    return at.replace(minute=0, second=0, microsecond=0)


def window_of(hours: int, entries: Sequence[HistoryEntry]) -> HealthWindow:
    """Return the window of entries that are all within it; those without a verdict count as checks only."""
    judged = sorted((one for one in entries if one.status is not Status.UNKNOWN), key=lambda one: one.checked_at)
    works = [one.status is not Status.UNHEALTHY for one in judged]
    latencies = sorted(one.latency_ms for one in judged)
    repairs = _repairs(judged, works)
    return HealthWindow(
        hours=hours,
        checks=len(entries),
        uptime_percent=100.0 * sum(works) / len(works) if works else None,
        latency_p50_ms=_quantile(latencies, 0.5),
        latency_p95_ms=_quantile(latencies, 0.95),
        mttr_seconds=sum(repairs) / len(repairs) if repairs else None,
        transitions=sum(before is not after for before, after in pairwise(works)),
    )


def _repairs(judged: Sequence[HistoryEntry], works: Sequence[bool]) -> list[float]:
    """Return how long each outage lasted, from its first failing check to the next that works, in seconds."""
    repairs, down_since = [], None
    for entry, well in zip(judged, works, strict=True):
        if not well and down_since is None:
            down_since = entry.checked_at
        if well and down_since is not None:
            repairs.append((entry.checked_at - down_since).total_seconds())
            down_since = None
    return repairs


def spark_point_of(hour: datetime, entries: Sequence[HistoryEntry]) -> SparkPoint:
    """Return the point of an hour's entries."""
    statuses = {one.status for one in entries}
    latencies = sorted(one.latency_ms for one in entries if one.status is not Status.UNKNOWN)
    worst = next((status for status in _WORST_FIRST if status in statuses), None)
    return SparkPoint(starts_at=hour, status=worst, latency_p95_ms=_quantile(latencies, 0.95))


def _quantile(ordered: Sequence[float], fraction: float) -> float | None:
    """Return the value of the bucket of the latency at this fraction of the way, rounded down."""
    if not ordered:
        return None
    latency = max(ordered[int(fraction * (len(ordered) - 1))], _SHORTEST_MS)
    return 0.98 * _GROWTH ** math.ceil(math.log(latency) / math.log(_GROWTH))
