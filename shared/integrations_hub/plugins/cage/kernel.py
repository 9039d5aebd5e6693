"""The system calls of Linux that Python does not offer. Elsewhere each of them raises OSError."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

__all__ = [
    "SET_CHILD_SUBREAPER",
    "SET_DUMPABLE",
    "SET_KEEPCAPS",
    "SET_NO_NEW_PRIVS",
    "keep_capabilities",
    "prctl",
    "syscall",
    "unshare",
]

# the attributes of prctl(2), linux/prctl.h
SET_DUMPABLE = 4
SET_KEEPCAPS = 8
SET_CHILD_SUBREAPER = 36
SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def prctl(option: int, value: int = 1) -> None:
    """Set one attribute of this process.

    Raises:
        OSError: the kernel does not know it, or refuses.
    """
    if _libc is None:
        raise OSError("there is no prctl on this system")
    _checked(_libc.prctl(ctypes.c_int(option), *(ctypes.c_ulong(one) for one in (value, 0, 0, 0))))


def syscall(number: int, *arguments: int | ctypes.c_void_p) -> int:
    """Make a system call by its number.

    Raises:
        OSError: the kernel does not know it, or refuses.
    """
    if _libc is None:
        raise OSError("there are no Linux system calls on this system")
    words = (one if isinstance(one, ctypes.c_void_p) else ctypes.c_long(one) for one in arguments)
    return _checked(_libc.syscall(ctypes.c_long(number), *words))


def keep_capabilities(permitted: int) -> None:
    """Keep of this thread's capabilities only those whose bits are set, `capset(2)`.

    Raises:
        OSError: there are none on this system.
    """
    if _libc is None:
        raise OSError("there are no capabilities on this system")
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    sets = ctypes.create_string_buffer(struct.pack("=6I", permitted, permitted, 0, 0, 0, 0))
    _checked(_libc.capset(header, sets))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones, `unshare(2)`.

    Raises:
        OSError: the kernel does not have them, or refuses.
    """
    if _libc is None:
        raise OSError("there are no namespaces on this system")
    _checked(_libc.unshare(ctypes.c_int(flags)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
