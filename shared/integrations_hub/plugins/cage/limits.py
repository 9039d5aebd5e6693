"""What one child may use of the machine (`setrlimit(2)`), so that it runs out before others do."""

from __future__ import annotations

import math
import resource

__all__ = ["MEMORY_BYTES", "limit_usage"]

MEMORY_BYTES = 512 << 20  # of address space; Python with the SDK takes about 60 MiB of it
_DESCRIPTORS = 64
_TASKS = 16  # threads of its user; counted over all processes of a user, so only where it has one of its own


def limit_usage(seconds: float, *, own_user: bool) -> None:
    """Lower this process's limits for good; `seconds` of CPU time are about its deadline.

    Raises:
        OSError, ValueError: the system refuses one.
    """
    cpu = math.ceil(seconds)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, cpu + 1)
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    if own_user:
        _lower(resource.RLIMIT_NPROC, _TASKS)


def _lower(what: int, to: int) -> None:
    _, hard = resource.getrlimit(what)
    value = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(what, (value, value))
