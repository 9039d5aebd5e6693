"""A process that holds secrets leaves no image of its memory behind when it dies."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

__all__ = ["forbid_core_dumps"]

_PR_SET_DUMPABLE = 4  # man 2 PR_SET_DUMPABLE
_log = logging.getLogger(__name__)


def forbid_core_dumps() -> None:
    """Have this process and those it forks write no core file, and on Linux hand none to a crash reporter either.

    A pipe in `kernel.core_pattern` (systemd-coredump, apport) is not held back by the limit; a process that is not
    dumpable is, and no other of its user can read its memory or environment. A process it executes starts anew.
    """
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit, and some sandboxes let none be set
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and not _made_undumpable():
        _log.warning("this process can be dumped: the system refuses PR_SET_DUMPABLE")


def _made_undumpable() -> bool:
    from ctypes import CDLL  # noqa: PLC0415 - for the processes that need it

    try:
        return bool(CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
