"""The commands behind `make run`, `make token`, `make harbor-down` and `make harbor-up`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local.runner.data_folder import CannotStart, DataFolder
from local.runner.start import start

_NO = {"no", "n", "0", "false", "off"}


def main() -> int:
    """Read the command line and do what it says; a foreseeable fault is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m local.runner",
        description=__doc__,
        epilog="example, as `make run` has it:\n  PYTHONPATH=infra python -m local.runner --data-dir .hub run",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data-dir", type=Path, required=True, help="what survives a restart")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the hub until Ctrl-C")
    run.add_argument("--port", type=int, default=8700, help="on 127.0.0.1; 0 takes a free one (%(default)s)")
    run.add_argument("--demo", default="yes", help="`no` registers no demonstration")
    run.add_argument("--tenant", default="demo", help="whose the demonstration is (%(default)s)")
    token = commands.add_parser("token", help="print a development token for the running hub")
    token.add_argument("--tenant", default="demo", help="whose token (%(default)s)")
    token.add_argument("--scopes", default="", help="separated by spaces or commas; all of the hub's by default")
    commands.add_parser("harbor-down", help="stop the simulated Harbor")
    commands.add_parser("harbor-up", help="start it again")
    given = parser.parse_args()
    try:
        _COMMANDS[given.command](given)
    except CannotStart as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _run(given: argparse.Namespace) -> None:
    start(given.data_dir, given.port, demo=given.demo.lower() not in _NO, tenant=given.tenant)


def _token(given: argparse.Namespace) -> None:
    from local.authority import Authority  # noqa: PLC0415 - the other commands need none of it
    from local.runner.hub import mint  # noqa: PLC0415 - as above

    data = DataFolder(given.data_dir)
    authority = Authority(data.path / "authority", issuer=data.running().issuer)
    print(mint(authority, given.tenant, given.scopes.replace(",", " ").split()))


def _harbor_down(given: argparse.Namespace) -> None:
    data = DataFolder(given.data_dir)
    data.running()
    data.outage.touch()
    print("The simulated Harbor is down. The table shows connect_error within 10 seconds, an alert in 20.")


def _harbor_up(given: argparse.Namespace) -> None:
    data = DataFolder(given.data_dir)
    data.running()
    data.outage.unlink(missing_ok=True)
    print("The simulated Harbor is up. The table shows the recovery within 20 seconds.")


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "run": _run,
    "token": _token,
    "harbor-down": _harbor_down,
    "harbor-up": _harbor_up,
}

if __name__ == "__main__":
    sys.exit(main())
