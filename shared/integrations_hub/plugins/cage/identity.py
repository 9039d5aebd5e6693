"""A user of its own for the child of a hub that runs as root: it owns nothing, and nobody else is it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from integrations_hub.plugins.cage.kernel import SET_KEEPCAPS, keep_capabilities, prctl

__all__ = ["drop_privileges", "open_to_all"]

_FIRST_USER = 1 << 30  # far above what accounts and containers use
_NOBODY = 65534  # where a user namespace maps no such numbers; the other walls keep two children apart
_DAC_READ_SEARCH = 1 << 2  # linux/capability.h


def drop_privileges(*, keep_search: bool) -> None:
    """Become a user no other process is, without privileges; its number is the process's, so no two are the same.

    `keep_search` keeps the right to read what lies in folders closed to others. Only behind the wall around files.

    Raises:
        OSError: the kernel refuses.
    """
    if not hasattr(os, "setresuid"):
        raise OSError("this system has no saved user ids to give up")
    if keep_search:
        prctl(SET_KEEPCAPS)
    os.setgroups([])
    try:
        _become(_FIRST_USER + os.getpid())
    except OSError:
        _become(_NOBODY)
    keep_capabilities(_DAC_READ_SEARCH if keep_search else 0)


def open_to_all(paths: Iterable[Path]) -> bool:
    """Tell whether everybody may read the paths that exist, through every folder above them."""
    existing = [path for path in paths if path.exists()]
    above = {folder for path in existing for folder in path.resolve().parents}
    return all(path.stat().st_mode & 0o004 for path in existing) and all(one.stat().st_mode & 0o001 for one in above)


def _become(number: int) -> None:
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
