"""Read the command line and run one command; what goes wrong is a sentence on standard error, and status 1."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from integrations_hub.cli.errors import Refused
from integrations_hub.cli.lint import Finding, check_connector
from integrations_hub.cli.scaffold import new_connector

__all__ = ["main"]

_NEW = """example:
  hub connectors new acme-registry --into connectors
  makes connectors/acme-registry: a connector that passes the conformance kit with a provider of its own; then make it
  yours, file by file, and keep the kit passing."""
_CHECK = """example:
  hub connectors check connectors/acme-registry
  looks at the entry point and at what the package imports, and runs its tests, which must hold the conformance kit."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 when all is well, 1 when not, 2 for a line it does not know."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except Refused as refused:
        print(f"hub: {refused}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub", description="The integrations hub's command line.")
    rooms = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    connectors = rooms.add_parser("connectors", help="write a connector, and check one")
    commands = connectors.add_subparsers(title="commands", required=True, metavar="COMMAND")
    new = _command(commands, "new", "write the folder of a new connector", _NEW)
    new.add_argument("name", help="its type: lower-case letters, digits and hyphens")
    new.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where to make it (here)")
    new.set_defaults(run=_new)
    check = _command(commands, "check", "check a connector's folder", _CHECK)
    check.add_argument("folder", type=Path, help="the folder with its pyproject.toml")
    check.set_defaults(run=_check)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, does: str, example: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=does, description=does, epilog=example, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.add_argument("--json", action="store_true", help="answer in JSON")
    return command


def _new(options: argparse.Namespace) -> int:
    folder, files = new_connector(options.name, options.into)
    if options.json:
        print(json.dumps({"folder": str(folder), "files": files}))
        return 0
    print(f"{folder} is made. Try it:\n")
    print(f"  python -m pip install -e '{folder}[testing]'\n  hub connectors check {folder}")
    return 0


def _check(options: argparse.Namespace) -> int:
    findings = check_connector(options.folder)
    if options.json:
        print(json.dumps([one._asdict() for one in findings]))
    else:
        print("\n".join(map(_line, findings)))
    return 0 if all(one.passed for one in findings) else 1


def _line(finding: Finding) -> str:
    return f"{'passed' if finding.passed else 'FAILED'}  {finding.check}: {finding.detail}"
