"""Waiting for what happens in another thread, as long as it takes and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["eventually"]

T = TypeVar("T")


def eventually(look: Callable[[], T | None], within_s: float = 20.0) -> T:
    """Return what `look` finds as soon as it finds something.

    Raises:
        AssertionError: it never did.
    """
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(0.02)
    message = "it did not happen"
    raise AssertionError(message)
