"""What a time span's checks add up to, as the statement WINDOWS computes it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from integrations_hub.health.model import HealthWindow, HistoryEntry
from integrations_hub.health.status import Status

__all__ = ["window_of"]


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
        latency_p50_ms=_percentile(latencies, 0.5),
        latency_p95_ms=_percentile(latencies, 0.95),
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


def _percentile(ordered: Sequence[float], fraction: float) -> float | None:
    """Return percentile_cont: interpolated between neighbours."""
    if not ordered:
        return None
    place = fraction * (len(ordered) - 1)
    low, high = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
    return low + (high - low) * (place - int(place))
