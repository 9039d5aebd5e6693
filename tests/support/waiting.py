"""Waiting for what happens in another thread or process, as long as it takes and no longer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["eventually", "is_served"]

T = TypeVar("T")


def eventually(look: Callable[[], T | None], within_s: float = 20.0, every_s: float = 0.02) -> T:
    """Return what `look` finds as soon as it finds something.

    Raises:
        AssertionError: it never did.
    """
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(every_s)
    message = "it did not happen"
    raise AssertionError(message)


def is_served(port: int) -> bool:
    """Tell whether a port of 127.0.0.1 takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
