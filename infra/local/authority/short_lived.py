"""Things kept in memory under names nobody can guess, for a short while."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["ShortLived"]

_MOST = 1000
T = TypeVar("T")


class ShortLived(Generic[T]):
    """At most a thousand things; the oldest gives way. Safe to share between threads."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """Keep each thing for so many seconds."""
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[T, float]] = {}

    def put(self, thing: T, name: str = "") -> str:
        """Keep a thing and return its name."""
        name = name or secrets.token_urlsafe(32)
        with self._lock:
            self._forget()
            self._kept[name] = thing, self._clock() + self._seconds
        return name

    def get(self, name: str) -> T | None:
        """Return the thing of that name while it lives."""
        with self._lock:
            thing, ends = self._kept.get(name, (None, 0.0))
        return thing if self._clock() < ends else None

    def take(self, name: str) -> T | None:
        """Return the thing to one caller only."""
        with self._lock:
            thing, ends = self._kept.pop(name, (None, 0.0))
        return thing if self._clock() < ends else None

    def __len__(self) -> int:
        """Count what lives."""
        with self._lock:
            self._forget()
            return len(self._kept)

    def _forget(self) -> None:
        now = self._clock()
        for name in [name for name, (_, ends) in self._kept.items() if ends <= now]:
            del self._kept[name]
        while len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
