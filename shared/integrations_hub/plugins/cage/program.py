"""What a child's Python runs: split off a supervisor, raise the walls, then serve one call of one connector.

Everything before `serve` is the hub's own code; the stranger's is loaded by it, behind the walls. The command line
holds paths and a number of seconds, never anything of the call.
"""

from __future__ import annotations

import sys
from pathlib import Path

from integrations_hub.plugins.cage.supervisor import fork_supervised

__all__ = ["main"]


def main() -> None:
    """Run as `program(plugin folder or "", seconds, the SDK's folders…)`; never return."""
    plugin, seconds, *folders = sys.argv[1:]
    fork_supervised(float(seconds))
    _serve(plugin or None, float(seconds), folders)


def _serve(plugin: str | None, seconds: float, folders: list[str]) -> None:
    # imported by the child alone: the supervisor stays small
    from asyncio import new_event_loop  # noqa: PLC0415

    from integrations_hub.connector.worker import serve  # noqa: PLC0415
    from integrations_hub.plugins.cage.confinement import confine  # noqa: PLC0415
    from integrations_hub.plugins.cage.readable import package_folders, readable_paths  # noqa: PLC0415

    loop = new_event_loop()  # now: it wakes itself by a pair of sockets, which there will be no more
    sys.path[:] = standard_library = [path for path in sys.path if path not in folders]
    packages = package_folders()
    readable = list(readable_paths(standard_library, packages, plugin))
    needed = [Path(path) for path in (*standard_library, *packages, *([plugin] if plugin else []))]
    walls, threads = confine(readable, needed, seconds)
    loop.set_default_executor(threads)
    if plugin is not None:
        sys.path.append(plugin)
    serve(loop, walls)
