"""Attacks that end before they should."""

from __future__ import annotations

import ctypes
import os
import sys

from .lying import say


async def leave_at_once(_probe) -> str:
    os._exit(0)


async def leave_with_code(_probe) -> str:
    os._exit(3)


async def leave_politely(_probe) -> str:
    sys.exit(0)


async def leave_by_fault(_probe) -> str:
    return ctypes.string_at(0).decode()


async def leave_in_the_middle_of_a_line(_probe) -> str:
    say(b'{"kind":"chec')
    os._exit(0)


async def leave_by_interrupt(_probe) -> str:
    raise KeyboardInterrupt


async def leave_by_own_exception(_probe) -> str:
    raise type("not-a-real-secret-1 " * 100, (BaseException,), {})
