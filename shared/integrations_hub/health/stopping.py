"""Ending in good order: SIGTERM, which every runtime sends before it kills, is heard by whoever is at work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["heeding_sigterm"]


@contextmanager
def heeding_sigterm(stopping: threading.Event) -> Iterator[None]:
    """Have SIGTERM set an event while work goes on, and do what it always does afterwards.

    Outside the main thread signals are somebody else's: a server that waits for its requests, or sets the event itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def stop(number: int, _frame: object) -> None:
        came.append(number)
        stopping.set()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        if came:
            signal.raise_signal(signal.SIGTERM)
