"""The wall around files (Landlock, `landlock(7)`): what is not listed cannot be opened, and nothing can be written.

It holds for the calling thread and the threads it starts. Newer kernels also cut off TCP, abstract unix sockets and
signals to whatever is outside.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from integrations_hub.plugins.cage.kernel import syscall

__all__ = ["restrict_files"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FIRST_RIGHTS = (1 << 13) - 1  # execute, write, read, and every way of making and removing
_LATER_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # by version: refer, truncate, ioctl of devices
_TCP, _SCOPES = (4, 0b11), (6, 0b11)  # version and bits: bind and connect; abstract unix sockets and signals


def restrict_files(readable: Iterable[Path]) -> None:
    """Let this process read files and folders listed, and nothing else. Needs `no_new_privs`.

    Raises:
        OSError: this kernel does not have Landlock.
    """
    version = syscall(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    rights = _FIRST_RIGHTS | sum(bit for since, bit in _LATER_RIGHTS.items() if version >= since)
    ruleset = syscall(_CREATE_RULESET, *_buffer("=QQQ", rights, _since(version, _TCP), _since(version, _SCOPES)), 0)
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: Path) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        rights = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, _buffer("=Qi", rights, opened)[0], 0)
    finally:
        os.close(opened)


def _since(version: int, feature: tuple[int, int]) -> int:
    return feature[1] if version >= feature[0] else 0


def _buffer(layout: str, *values: int) -> tuple[ctypes.c_void_p, int]:
    packed = struct.pack(layout, *values)
    held = ctypes.create_string_buffer(packed, len(packed))
    pointer = ctypes.cast(held, ctypes.c_void_p)  # keeps what it points at alive
    return pointer, len(packed)
