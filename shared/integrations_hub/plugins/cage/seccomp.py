"""The filter over system calls (seccomp, `seccomp(2)`): for this process and all its threads, for good.

A program of classic BPF, as the kernel runs it before each call. What is refused answers EPERM, what is unknown
ENOSYS, and a call in another architecture's numbers ends the process: its numbers mean other things.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator

from integrations_hub.plugins.cage import syscalls
from integrations_hub.plugins.cage.kernel import syscall

__all__ = ["filter_program", "filter_system_calls"]

# linux/audit.h: AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, and their column in the table
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
# linux/bpf_common.h
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x25, 0x06
# linux/seccomp.h
_ALLOW, _KILL_PROCESS, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
# struct seccomp_data; both architectures are little-endian
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

Instruction = tuple[int, int, int, int]


def filter_system_calls() -> None:
    """Refuse the calls of the table from now on. Needs `no_new_privs`.

    Raises:
        OSError: this kernel or architecture does not have it.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"there is no filter for {machine}")
    code = b"".join(struct.pack("=HBBI", *one) for one in filter_program(machine))
    instructions = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions)))
    number = syscalls.SECCOMP[_ARCHITECTURES[machine][1]]
    assert number is not None
    pointer = ctypes.cast(program, ctypes.c_void_p)
    if syscall(number, _SET_MODE_FILTER, _ALL_THREADS, pointer):
        raise OSError(errno.ESRCH, "a thread could not be put behind the filter")


def filter_program(machine: str) -> list[Instruction]:
    """Return the filter for a machine, as (code, jump if true, jump if false, operand)."""
    architecture, column = _ARCHITECTURES[machine]
    return [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_GREATER, 0, 1, syscalls.LAST_KNOWN),  # on x86_64 the x32 numbers, too
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
        *_refuse(syscalls.CLONE3[column], errno.ENOSYS),
        *(one for numbers in syscalls.REFUSED.values() for one in _refuse(numbers[column], errno.EPERM)),
        *_only_about_itself((302, 261)[column]),
        *(one for row in syscalls.ARGUMENTS.values() for one in _refuse_values(row[0][column], *row[1:])),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _refuse(number: int | None, error: int) -> Iterator[Instruction]:
    if number is not None:
        yield (_JUMP_EQUAL, 0, 1, number)
        yield (_RETURN, 0, 0, _ERROR | error)


def _only_about_itself(prlimit: int) -> Iterator[Instruction]:
    """Let prlimit(2) through when its process is 0, which is the caller: libc reads limits by it."""
    yield (_JUMP_EQUAL, 0, 4, prlimit)
    yield (_LOAD, 0, 0, _ARGUMENTS_AT)
    yield (_JUMP_EQUAL, 0, 1, 0)
    yield (_RETURN, 0, 0, _ALLOW)
    yield (_RETURN, 0, 0, _ERROR | errno.EPERM)


def _refuse_values(number: int | None, argument: int, values: tuple[int, ...]) -> Iterator[Instruction]:
    """Refuse a call when an argument has one of the values; the kernel reads the lower 32 bits of these."""
    assert number is not None
    yield (_JUMP_EQUAL, 0, 2 + 2 * len(values), number)
    yield (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument)
    for value in values:
        yield from _refuse(value, errno.EPERM)
    yield (_RETURN, 0, 0, _ALLOW)
