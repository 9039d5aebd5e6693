"""Attacks that write, or change what is written."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from .reading import checked, libc


async def write_file(_probe, path: str) -> str:
    Path(path).write_text("was here")
    return "written"


async def append_to_own_code(_probe) -> str:
    with open(__file__, "a", encoding="utf-8") as own:
        own.write("# was here\n")
    return "written"


async def make_folder(_probe, path: str) -> str:
    os.mkdir(path)
    return "made"


async def remove_file(_probe, path: str) -> str:
    os.unlink(path)
    return "removed"


async def rename_file(_probe, path: str) -> str:
    os.rename(path, path + ".gone")
    return "renamed"


async def link_file(_probe, path: str) -> str:
    os.symlink("/etc/passwd", path)
    return "linked"


async def make_pipe(_probe, path: str) -> str:
    os.mkfifo(path)
    return "made"


async def change_mode(_probe, path: str) -> str:
    os.chmod(path, 0o777)
    return "changed"


async def change_times(_probe, path: str) -> str:
    os.utime(path, (0, 0))
    return "changed"


async def truncate_file(_probe, path: str) -> str:
    os.truncate(path, 0)
    return "truncated"


async def write_to_memory_file(_probe) -> str:
    return f"made {os.memfd_create('hidden')}"


async def leave_shared_memory(_probe) -> str:
    return f"left {checked(libc.shmget(ctypes.c_int(0x5EC12E7), ctypes.c_size_t(4096), 0o1666))}"
