"""Write what follows from the functions and the connectors: `make knative`. A test compares it with the files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from knative.events import SCHEDULES, connector_trigger, kick_trigger, ping_source
from knative.given import FUNCTIONS
from knative.pod import Manifest
from knative.routes import http_routes
from knative.service import connector_service, kebab, migration, service
from local.gateway import Function, load_functions

__all__ = ["BASE", "connector_types", "main", "manifests"]

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "infra" / "knative" / "base"
_HEADER = "# Written by `make knative`; change infra/knative/*.py instead.\n"
_GROUP = "integrations_hub.connectors"


class FunctionUnknown(Exception):
    """A function is deployed that nobody said anything about."""


def main() -> None:
    """Write the manifests, and remove those of functions that are gone."""
    files = manifests()
    for old in (BASE / "functions").glob("*.yaml"):
        if old.relative_to(BASE).as_posix() not in files:
            old.unlink()
    for name, text in files.items():
        (BASE / name).parent.mkdir(exist_ok=True)
        (BASE / name).write_text(text, encoding="utf-8")


def manifests() -> Mapping[str, str]:
    """Return the files by their name below `base`.

    Raises:
        FunctionUnknown: a function is missing from `given.py`, or stands there and is gone.
    """
    functions = load_functions(ROOT / "functions")
    names = {function.name for function in functions}
    if names != set(FUNCTIONS):
        raise FunctionUnknown(f"infra/knative/given.py and functions/ differ: {sorted(names ^ set(FUNCTIONS))}")
    routes = [function.route for function in functions if function.route and not function.route.internal]
    listed = "".join(f"- {kebab(function.name)}.yaml\n" for function in functions)
    return {
        **{f"functions/{kebab(function.name)}.yaml": _text(_documents(function)) for function in functions},
        "functions/kustomization.yaml": f"{_HEADER}resources:\n{listed}",
        "connectors.env": f"{_HEADER}CONNECTOR_TYPES={','.join(connector_types())}\n",
        "routes.yaml": _text(http_routes(routes)),
    }


def connector_types() -> Sequence[str]:
    """Return the type of every connector the image carries, by its entry point."""
    projects = [tomllib.loads(file.read_text()) for file in sorted((ROOT / "connectors").glob("*/pyproject.toml"))]
    return sorted(name for project in projects for name in project["project"]["entry-points"][_GROUP])


def _documents(function: Function) -> Sequence[Manifest]:
    name = function.name
    if name == "migrate_database":
        return [migration()]
    if name == "run_connector":
        return [part(type_) for type_ in connector_types() for part in (connector_service, connector_trigger)]
    documents = [service(name, function.route)]
    if name in SCHEDULES:
        documents.append(ping_source(name))
    if name == "deliver_events":
        documents.append(kick_trigger())
    return documents


def _text(documents: Sequence[Manifest]) -> str:
    text: str = yaml.safe_dump_all(documents, sort_keys=False, width=120, default_flow_style=False)
    return _HEADER + text


if __name__ == "__main__":
    main()
