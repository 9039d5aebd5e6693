"""A part of the hub: built when first asked for, once per process, and anew in one restored from a snapshot."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any, ClassVar, Generic, TypeVar

__all__ = ["Part", "when_restored"]

T = TypeVar("T")


class Part(Generic[T]):
    """A part of the hub: built when first asked for, once, however many threads ask at that moment."""

    parts: ClassVar[list[Part[Any]]] = []
    _lock = RLock()  # one for all: builders ask for other parts

    def __init__(self, build: Callable[[], T]) -> None:
        """Remember how to build it."""
        self.__doc__ = build.__doc__
        self.built: T | None = None
        self._build = build
        self.parts.append(self)

    def __call__(self) -> T:
        """Return the part."""
        if self.built is None:
            with self._lock:
                self.built = self._build() if self.built is None else self.built
        return self.built


def when_restored(forget: Callable[[], None]) -> None:
    """Have Lambda (SnapStart) begin anew in each process it restores from a snapshot: forget, and draw other numbers.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
    """
    with suppress(ImportError):  # Lambda's runtime brings it, where that takes snapshots
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - as above

        register_after_restore(forget)
        register_after_restore(random.seed)
