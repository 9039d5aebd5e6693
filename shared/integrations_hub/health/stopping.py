"""Ending in good order: the signal that every runtime sends before it kills is heard by whoever is at work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

__all__ = ["heeding_sigterm", "signals_set"]


@contextmanager
def signals_set(event: threading.Event, *signals: int) -> Iterator[list[int]]:
    """Have signals set an event for a while; give the list of those that came, which grows.

    To be called in the main thread. A handler may run amid the event's own code, or amid itself: it takes no lock, as
    the put of a SimpleQueue does not, and a thread of its own sets the event.
    """
    came: list[int] = []
    told = SimpleQueue[int]()

    def wait() -> None:
        if told.get():
            event.set()

    def hear(number: int, _frame: object) -> None:
        came.append(number)
        told.put(number)

    threading.Thread(target=wait, name="signals", daemon=True).start()
    before = {number: signal.signal(number, hear) for number in signals}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        told.put(0)  # which ends the thread


@contextmanager
def heeding_sigterm(stopping: threading.Event) -> Iterator[None]:
    """Have SIGTERM set an event while work goes on, and do what it always does afterwards.

    Outside the main thread signals are somebody else's: a server that waits for its requests, or sets the event itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    try:
        with signals_set(stopping, signal.SIGTERM) as came:
            yield
    finally:
        if came:
            signal.raise_signal(signal.SIGTERM)
