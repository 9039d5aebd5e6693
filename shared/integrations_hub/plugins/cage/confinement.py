"""Raise the walls around this process, in the order in which each leaves room for the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from integrations_hub.plugins.cage.identity import drop_privileges, open_to_all
from integrations_hub.plugins.cage.kernel import SET_DUMPABLE, SET_NO_NEW_PRIVS, prctl, unshare
from integrations_hub.plugins.cage.landlock import restrict_files
from integrations_hub.plugins.cage.limits import limit_usage
from integrations_hub.plugins.cage.seccomp import filter_system_calls
from integrations_hub.plugins.cage.walls import Wall

__all__ = ["confine", "started_threads"]

_NEW_IPC, _NEW_NETWORK = 0x08000000, 0x40000000  # linux/sched.h
_THREADS = 4


def confine(readable: Sequence[Path], needed: Sequence[Path], seconds: float) -> tuple[list[Wall], ThreadPoolExecutor]:
    """Raise every wall this machine offers; return those that stand, and the only threads there will be.

    `needed` is what must be readable by the user the child becomes. A wall that cannot be raised is left out: whether
    it may be missing is the hub's to judge, before it sends anything.
    """
    is_root = os.geteuid() == 0
    os.chdir("/")
    standing = [
        *_raised(Wall.LIMITS, lambda: limit_usage(seconds, own_user=is_root)),
        *(_raised(Wall.OWN_NETWORK, lambda: unshare(_NEW_NETWORK | _NEW_IPC)) if is_root else []),
        *_raised(Wall.FILES, lambda: _behind_landlock(readable)),
    ]
    if is_root:
        keep_search = Wall.FILES in standing and not open_to_all(needed)
        standing += _raised(Wall.OWN_USER, lambda: drop_privileges(keep_search=keep_search))
    threads = started_threads(_THREADS)  # now: there will be no others, and these stand behind the walls so far
    standing += _raised(Wall.SYSTEM_CALLS, _behind_filter)
    return standing, threads


def started_threads(count: int) -> ThreadPoolExecutor:
    """Return a pool whose threads are running already, so that it never needs to start one."""
    threads, meeting = ThreadPoolExecutor(count, thread_name_prefix="connector"), Barrier(count + 1)
    for _ in range(count):
        threads.submit(meeting.wait)
    meeting.wait()
    return threads


def _behind_landlock(readable: Sequence[Path]) -> None:
    prctl(SET_NO_NEW_PRIVS)
    restrict_files(readable)


def _behind_filter() -> None:
    prctl(SET_NO_NEW_PRIVS)
    prctl(SET_DUMPABLE, 0)
    filter_system_calls()


def _raised(wall: Wall, build: Callable[[], None]) -> list[Wall]:
    try:
        build()
    except (OSError, ValueError):
        return []
    return [wall]
