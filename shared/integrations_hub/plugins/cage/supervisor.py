"""The small process between the hub and a stranger's connector: it sees to it that nothing of it is left.

It adopts whatever the connector's process leaves behind (`PR_SET_CHILD_SUBREAPER`), which killing a process group does
not reach, and ends it all when the connector ends, when its time is up, when the hub says so (SIGTERM) and when the
hub itself is gone. The hub adopts nothing: it has children of other kinds, whose ends are not ours to collect.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from integrations_hub.plugins.cage.kernel import SET_CHILD_SUBREAPER, SET_DUMPABLE, prctl

__all__ = ["fork_supervised"]

_OUTPUT = 1  # the pipe to the hub: its other end closes with the hub
_BY_SIGNAL = 128  # added to a signal's number, as shells do


def fork_supervised(seconds: float) -> None:
    """Return in a new child process; the calling process becomes its supervisor and never returns."""
    ends = time.monotonic() + seconds
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    told: list[int] = []
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    for option, value in ((SET_CHILD_SUBREAPER, 1), (SET_DUMPABLE, 0)):
        with suppress(OSError):  # not there on every system
            prctl(option, value)
    child = os.fork()
    if child:
        _supervise(child, woken, ends, told)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.close(woken)
    os.close(wake)


def _supervise(child: int, woken: int, ends: float, told: list[int]) -> NoReturn:
    os.close(0)
    code = _watch(child, woken, ends, told)
    _end_all([] if code is not None else [child])
    os._exit(_BY_SIGNAL + signal.SIGKILL if code is None else code if code >= 0 else _BY_SIGNAL - code)


def _watch(child: int, woken: int, ends: float, told: list[int]) -> int | None:
    """Return the child's exit code when it ends; None as soon as it is to be ended."""
    poller = select.poll()
    poller.register(woken, select.POLLIN)
    poller.register(_OUTPUT, 0)  # an error there says that the hub is gone
    while not told and (left := ends - time.monotonic()) > 0:
        for descriptor, _ in poller.poll(left * 1000):
            if descriptor == _OUTPUT:
                return None
            os.read(woken, 512)
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
    return None


def _end_all(known: Sequence[int]) -> None:
    """End every child, and the children these leave to us, until there is none."""
    while True:
        for pid in _children() or known:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []
