"""How often deliveries to one id may fail before nothing more is looked at: asking a vault costs more than failing.

Kept per process and for ids that do not exist too, so that the refusal tells nothing; old windows are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from uuid import UUID

__all__ = ["Failures"]

_REMEMBERED = 10_000  # ids


class Failures:
    """Counts failures per id in windows of `window_s` seconds."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float] = monotonic) -> None:
        """Allow `limit` failures a window."""
        self._limit, self._window_s, self._clock = limit, window_s, clock
        self._counts: OrderedDict[UUID, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, integration_id: UUID) -> float:
        """Return how many seconds an id is not listened to; 0 when it is."""
        with self._lock:
            ends, count = self._counts.get(integration_id, (0.0, 0))
            return max(ends - self._clock(), 0.0) if count >= self._limit else 0.0

    def add(self, integration_id: UUID) -> None:
        """Count one failure."""
        with self._lock:
            now = self._clock()
            ends, count = self._counts.pop(integration_id, (0.0, 0))
            self._counts[integration_id] = (ends, count + 1) if ends > now else (now + self._window_s, 1)
            if len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)
