"""Hub, Authority and platform together, for an IDE extension to talk to: what `make ide-demo` runs."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devserver.application import Tenants, create_app
from devserver.behaviour import Behaviour
from devserver.callers import Callers
from devserver.progress import Timing
from devserver.seed import seeded
from local.authority.people import PEOPLE
from local.editor import an_editor
from local.runner.data_folder import CannotStart
from local.runner.start import start
from local.server import listen, serve

if TYPE_CHECKING:
    from local.runner.hub import Companion, Started

__all__ = ["main"]

EXAMPLE = """\
example:
  make ide-demo PORT=8700 PLATFORM_PORT=8710
"""
_SAMPLE = Path(__file__).resolve().parents[1] / "sample"


def main() -> int:
    """Run everything until Ctrl-C; a foreseeable fault is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m devserver.ide_demo",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data-dir", type=Path, required=True, help="what survives a restart; the platform does not")
    parser.add_argument("--port", type=int, default=8700, help="the hub's, on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--platform-port", type=int, default=8710, help="the platform's, likewise")
    parser.add_argument("--tenant", default="demo", help="the tenant the demonstration is registered for")
    parser.add_argument(
        "--editor-port", type=int, help="that of VS Code in a browser, likewise; left out, there is no editor"
    )
    given = parser.parse_args()
    try:
        companions = _companions(_port(given.platform_port), given.tenant, given.data_dir, given.editor_port)
        start(given.data_dir, given.port, demo=True, tenant=given.tenant, companions=companions)
    except CannotStart as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _port(port: int) -> socket.socket:
    """Take the platform's port before anything slow is done."""
    try:
        return listen(port)
    except (OSError, OverflowError) as refused:
        why = getattr(refused, "strerror", None) or "there is no such port"
        raise CannotStart(
            f"Port {port} cannot be used ({why}). Choose another: make ide-demo PLATFORM_PORT=8766"
        ) from None


def _companions(listening: socket.socket, tenant: str, data_dir: Path, editor_port: int | None) -> Sequence[Companion]:
    """Return what is started beside the hub, in order: the platform, and an editor where one is wanted."""
    settings: dict[str, str] = {}
    platform = _platform(listening, tenant, settings)
    return (platform,) if editor_port is None else (platform, an_editor(data_dir, editor_port, settings, _SAMPLE))


def _platform(listening: socket.socket, tenant: str, settings: dict[str, str]) -> Callable[[Started], str]:
    """Return what starts the platform; it writes down the settings an extension wants."""

    def begin(hub: Started) -> str:
        integrations = {str(one["name"]): str(one["id"]) for one in hub.api.page()}
        tenants = Tenants(lambda: seeded(time.time, Timing()))
        app = create_app(Callers(hub.issuer), tenants, integrations=integrations, behaviour=Behaviour())
        running = serve(listening, app)
        hub.stack.callback(running.stop)
        settings.update(
            {
                "stellaOps.platformUrl": running.url,
                "stellaOps.hubUrl": hub.url,
                "stellaOps.authorityUrl": hub.issuer,
            }
        )
        return _told(running.url, settings, tenant)

    return begin


def _told(platform: str, settings: Mapping[str, str], tenant: str) -> str:
    people = ", ".join(f"{person.id} ({person.rights})" for person in PEOPLE.values())
    lines = "\n".join(f"{name:<23} {value}" for name, value in settings.items())
    return (
        f"platform ready: {platform}\n\n"
        f"  The extension's settings:\n\n{lines}\n\n"
        f"  Then sign in, for the tenant {tenant}. No password is asked; be one of: {people}.\n"
        f"  A promotion of alice's waits for bob. Open the folder {_SAMPLE} to see a stella.yaml.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
