"""The filter over system calls, run as the kernel would: by the numbers of both architectures."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from integrations_hub.plugins.cage import syscalls
from integrations_hub.plugins.cage.seccomp import filter_program

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"),),
}
ALLOW, KILL, ERROR = "allow", "kill", "error"
each_machine = pytest.mark.parametrize("machine", ARCHITECTURES)


def judge(machine: str, number: int, arguments: tuple[int, ...] = (), architecture: int | None = None) -> object:
    """Run the filter (classic BPF, linux/filter.h) over one call."""
    words = {0: number, 4: architecture if architecture is not None else ARCHITECTURES[machine][0]}
    words |= {16 + 8 * nth: value & 0xFFFFFFFF for nth, value in enumerate(arguments)}
    program, at, accumulator = filter_program(machine), 0, 0
    while True:
        code, true, false, operand = program[at]
        at += 1
        if code == 0x20:
            accumulator = words[operand]
        elif code == 0x06:
            return _meaning(operand)
        else:
            met = accumulator == operand if code == 0x15 else accumulator > operand
            at += true if met else false


def _meaning(value: int) -> object:
    return {0x7FFF0000: ALLOW, 0x80000000: KILL}.get(value) or errno.errorcode[value & 0xFFFF]


@each_machine
@pytest.mark.parametrize("name", syscalls.REFUSED)
def test_what_is_in_the_table_is_refused(machine, name):
    number = syscalls.REFUSED[name][ARCHITECTURES[machine][1]]
    assert number is None or judge(machine, number) == "EPERM"


@each_machine
def test_everything_else_is_let_through(machine):
    column = ARCHITECTURES[machine][1]
    refused = {numbers[column] for numbers in syscalls.REFUSED.values()} | {syscalls.CLONE3[column]}
    special = {row[0][column] for row in syscalls.ARGUMENTS.values()} | {(302, 261)[column]}
    for number in set(range(syscalls.LAST_KNOWN + 1)) - refused - special:
        assert judge(machine, number) == ALLOW


@each_machine
def test_numbers_nobody_has_judged_are_as_if_the_kernel_had_none(machine):
    for number in (syscalls.CLONE3[0] or 0, syscalls.LAST_KNOWN + 1, 0x40000000, 0x40000000 + 41, 0xFFFFFFFF):
        assert judge(machine, number) == "ENOSYS"


@each_machine
def test_another_architectures_numbers_end_the_process(machine):
    for other in {0x40000003, 0x40000028, 0xC000003E, 0xC00000B7} - {ARCHITECTURES[machine][0]}:
        assert judge(machine, 0, architecture=other) == KILL


@each_machine
@pytest.mark.parametrize("name", syscalls.ARGUMENTS)
def test_some_calls_are_refused_by_an_argument(machine, name):
    numbers, position, values = syscalls.ARGUMENTS[name]
    number = numbers[ARCHITECTURES[machine][1]] or 0
    for value in values:
        assert judge(machine, number, (0,) * position + (value,)) == "EPERM"
        assert judge(machine, number, (0,) * position + (value + (1 << 32),)) == "EPERM"
    assert judge(machine, number, (0, 3)) == ALLOW


@each_machine
def test_limits_may_be_read_and_lowered_for_oneself_only(machine):
    prlimit = (302, 261)[ARCHITECTURES[machine][1]]
    assert judge(machine, prlimit, (0,)) == ALLOW
    assert judge(machine, prlimit, (4711,)) == "EPERM"


@each_machine
def test_a_jump_stays_within_a_byte(machine):
    assert all(true < 256 and false < 256 for _, true, false, _ in filter_program(machine))
    assert len(filter_program(machine)) < 4096  # BPF_MAXINSNS


@each_machine
def test_the_numbers_are_the_kernels(machine):
    header = next((path for path in HEADERS[machine] if path.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not here: apt-get install linux-libc-dev")
    defined = re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {name: int(number) for name, number in defined}
    column = ARCHITECTURES[machine][1]
    table = {name: numbers[column] for name, numbers in syscalls.REFUSED.items()}
    table |= {name: row[0][column] for name, row in syscalls.ARGUMENTS.items()}
    table |= {"seccomp": syscalls.SECCOMP[column], "clone3": syscalls.CLONE3[column], "prlimit64": (302, 261)[column]}
    assert {name: known.get(name) for name in table} == table
