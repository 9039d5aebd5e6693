"""The walls of the cage by name, and which of them a stranger's connector must have around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

__all__ = ["REMEDY", "Wall", "missing_walls", "required_walls"]


class Wall(StrEnum):
    """What stands around a child; each is reported only after it has been raised."""

    SYSTEM_CALLS = "system-calls"  # seccomp: no network, no processes, no signals, nothing of other processes
    FILES = "files"  # Landlock: reads Python, the SDK and the plugin's folder; writes nothing
    LIMITS = "limits"  # CPU, memory, descriptors, file sizes
    OWN_USER = "own-user"  # where the hub is root: a user nobody else is, without privileges
    OWN_NETWORK = "own-network"  # a network namespace with nothing in it, where the hub may make one


REMEDY: Mapping[Wall, str] = {
    Wall.SYSTEM_CALLS: "run the hub on Linux with seccomp filters, on x86_64 or aarch64",
    Wall.FILES: "run the hub on Linux 5.13 or newer with Landlock enabled",
    Wall.LIMITS: "run the hub where a process may lower its own limits",
    Wall.OWN_USER: "run the hub as another user than root, or leave it the capabilities SETUID and SETGID",
}


def required_walls(*, is_root: bool) -> frozenset[Wall]:
    """Return the walls without which a stranger's connector does not run."""
    always = {Wall.SYSTEM_CALLS, Wall.FILES, Wall.LIMITS}
    return frozenset(always | {Wall.OWN_USER} if is_root else always)


def missing_walls(standing: Collection[str], *, is_root: bool) -> tuple[Wall, ...]:
    """Return the required walls that do not stand, in order."""
    return tuple(wall for wall in Wall if wall in required_walls(is_root=is_root) and wall not in standing)
