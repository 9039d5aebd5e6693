"""Invoke one built function with an event, under AWS's runtime interface emulator, beside a PostgreSQL of its own.

    make invoke FUNCTION=list_integrations
    make invoke FUNCTION=run_connector_harbor EVENT=infra/local/events/run_connector.json

The events are those `sam local invoke --event` takes. Variables of the shell win over the settings used here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local.aws.built import built_functions
from local.aws.package import CannotBuild, build, is_current
from local.aws.rie import BuiltFunction, RunningFunction
from local.aws.settings import settings_alone
from local.aws.tools import ROOT, ToolMissing
from local.postgres import EmbeddedPostgresError

__all__ = ["event_of", "main"]

EVENTS = ROOT / "infra" / "local" / "events"
BUILT = ROOT / ".aws-sam" / "local" / "template.yaml"


def main() -> int:
    """Read the command line and do what it says; a foreseeable fault is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m local.aws.invoke", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("function", help="its name, as its folder in functions/ has it")
    parser.add_argument("event", type=Path, nargs="?", help="a JSON file; by default the one in infra/local/events")
    parser.add_argument(
        "--state", type=Path, default=ROOT / "build" / "invoke", help="where its PostgreSQL lives (build/invoke)"
    )
    given = parser.parse_args()
    try:
        return _invoke(given.function, given.event, given.state)
    except (CannotBuild, ToolMissing, EmbeddedPostgresError, OSError, _Unknown) as refused:
        print(refused, file=sys.stderr)
        return 1


class _Unknown(Exception):
    """There is no such function."""


def event_of(function: BuiltFunction) -> Path:
    """Return the event that is kept for a function: that of its folder."""
    return EVENTS / f"{function.folder.name}.json"


def _invoke(name: str, event: Path | None, state: Path) -> int:
    if not is_current(BUILT):
        print("building the layers", file=sys.stderr)
        build(BUILT.parent)
    state.mkdir(parents=True, exist_ok=True)
    with settings_alone(state) as settings:
        functions = built_functions(BUILT, {**settings, **os.environ})
        function = _chosen(functions, name)
        with RunningFunction(function, state / f"{name}.log") as running:
            invoked = running.invoke((event or event_of(function)).read_bytes())
            print((state / f"{name}.log").read_text(errors="replace"), file=sys.stderr)
            print(json.dumps(json.loads(invoked.payload), indent=2))
    return int(invoked.failed)


def _chosen(functions: Mapping[str, BuiltFunction], name: str) -> BuiltFunction:
    if name not in functions:
        raise _Unknown(f"there is no function {name}; there are {', '.join(sorted(functions))}")
    return functions[name]


if __name__ == "__main__":
    sys.exit(main())
