"""Attacks that use up: time, memory, descriptors, and whoever listens."""

from __future__ import annotations

import asyncio
import os
import sys
import time


async def hang(_probe) -> str:
    await asyncio.sleep(3600)
    return "never"


async def hang_blocking(_probe) -> str:
    time.sleep(3600)
    return "never"


async def loop(_probe) -> str:
    while True:
        pass


async def hang_in_thread(_probe) -> str:
    await asyncio.to_thread(time.sleep, 3600)
    return "never"


async def ignore_being_cancelled(_probe) -> str:
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass


async def take_memory(_probe) -> str:
    taken = []
    while True:
        taken.append(bytearray(64 << 20))


async def take_descriptors(_probe) -> str:
    taken = []
    while True:
        taken.append(os.pipe())


async def flood_output(_probe) -> str:
    while True:
        print("x" * 65_536)


async def flood_errors(_probe) -> str:
    while True:
        sys.stderr.write("x" * 65_536)


async def flood_the_hub(_probe) -> str:
    """Write to whatever is open that is not the log."""
    while True:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"kind":"send"}\n' * 4096)
            except OSError:
                continue


async def flood_requests(probe) -> str:
    """Ask for thousands of requests at once."""
    await asyncio.gather(*(probe.http.get(f"{number}") for number in range(5000)), return_exceptions=True)
    return "all answered"


async def recurse(_probe) -> str:
    sys.setrecursionlimit(10**9)

    def deeper() -> None:
        deeper()

    deeper()
    return "never"
