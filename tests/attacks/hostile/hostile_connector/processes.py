"""Attacks by and on processes."""

from __future__ import annotations

import ctypes
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

from .reading import checked, libc


async def run_program(_probe) -> str:
    return subprocess.run(["/bin/echo", "was here"], capture_output=True, check=True).stdout.decode()


async def replace_itself(_probe) -> str:
    os.execv("/bin/true", ["true"])
    return "never"


async def spawn(_probe) -> str:
    return f"spawned {os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)}"


async def fork(_probe) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return f"forked {os.waitpid(child, 0)}"


async def fork_bomb(_probe) -> str:
    while True:
        os.fork()


async def start_thread(_probe) -> str:
    said: list[str] = []
    thread = threading.Thread(target=said.append, args=("was here",))
    thread.start()
    thread.join()
    return said[0]


async def outlive(_probe, path: str) -> str:
    """Leave the group, fork twice and wait for the hub to look away."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            libc.sleep(3)
            Path(path).write_text("was here")
        os._exit(0)
    return "left somebody behind"


async def leave_group(_probe) -> str:
    return f"left {os.setpgid(0, 0)}"


async def signal_process(_probe, pid: int) -> str:
    os.kill(pid, 0)
    return "may signal"


async def signal_by_descriptor(_probe, pid: int) -> str:
    process = checked(libc.syscall(434, pid, 0))
    checked(libc.syscall(424, process, 0, None, 0))
    return "may signal"


async def signal_by_owner(_probe, pid: int) -> str:
    """Have the kernel signal another process whenever a pipe has something to read."""
    reader, _ = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, pid)
    return "may signal"


async def trace(_probe, pid: int) -> str:
    checked(libc.ptrace(0x4206, pid, None, None))  # PTRACE_SEIZE
    checked(libc.ptrace(17, pid, None, None) + 1)  # PTRACE_DETACH; it was not stopped
    return "may trace"


async def lower_limits(_probe, pid: int) -> str:
    limits = (ctypes.c_ulong * 2)()
    checked(libc.prlimit(pid, 7, None, limits))
    return f"may see and set limits: {list(limits)}"


async def pin(_probe, pid: int) -> str:
    os.sched_setaffinity(pid, os.sched_getaffinity(pid))
    return "may pin"


async def new_user_namespace(_probe) -> str:
    return f"unshared {checked(libc.unshare(0x10000000))}"


async def load_program_into_kernel(_probe) -> str:
    attributes = ctypes.create_string_buffer(128)
    number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
    return f"loaded {checked(libc.syscall(number, 0, attributes, 128))} {sys.platform}"


async def ring(_probe) -> str:
    return f"ring {checked(libc.syscall(425, 1, ctypes.create_string_buffer(120)))}"


async def keyring(_probe) -> str:
    number = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
    return f"keyring {checked(libc.syscall(number, 0, -3, 1))}"
