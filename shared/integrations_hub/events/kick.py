"""The kick to `deliver_events` where everything is one process: local runs and tests."""

from __future__ import annotations

from threading import Event

__all__ = ["InProcessKick", "no_kick"]


def no_kick() -> None:
    """Leave it to the schedule."""


class InProcessKick:
    """Wakes who waits for something to deliver; kicks before that are one."""

    def __init__(self) -> None:
        """Begin with nothing to deliver."""
        self._kicked = Event()

    def __call__(self) -> None:
        """Kick."""
        self._kicked.set()

    def wait(self, at_most_s: float) -> bool:
        """Wait for a kick since the last wait; tell whether there was one."""
        kicked = self._kicked.wait(at_most_s)
        self._kicked.clear()
        return kicked
