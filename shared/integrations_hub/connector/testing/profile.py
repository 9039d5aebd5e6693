"""Which functions run: the interpreter's profiler, for what cannot be seen from outside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

__all__ = ["called_during"]


def called_during(act: Callable[[], object]) -> set[str]:
    """Return the names of the functions called while `act` runs, in Python and in C."""
    called: set[str] = set()

    def notice(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            called.add(frame.f_code.co_name)
        elif event == "c_call":
            called.add(str(getattr(argument, "__name__", "")))

    before = sys.getprofile()
    sys.setprofile(notice)
    try:
        act()
    finally:
        sys.setprofile(before)
    return called
