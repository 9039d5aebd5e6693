"""The functions of a built stack, as `sam build` left them, with the settings that the template gives each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws.template import functions_of, read_template
from local.aws.rie import BuiltFunction

__all__ = ["built_functions", "short_name"]


def built_functions(built: Path, settings: Mapping[str, str]) -> Mapping[str, BuiltFunction]:
    """Return the functions of a built template by short name.

    Of the `settings`, each gets those that the template gives it; of the template's own, those written out there.
    """
    template = read_template(built)
    shared = template["Globals"]["Function"]
    made = {}
    for logical_id, properties in functions_of(template).items():
        given = {**shared["Environment"]["Variables"], **properties.get("Environment", {}).get("Variables", {})}
        layers = [*shared["Layers"], *properties.get("Layers", [])]
        made[short_name(logical_id)] = BuiltFunction(
            name=short_name(logical_id),
            folder=_folder(built, properties["CodeUri"]),
            layers=[
                _folder(built, template["Resources"][layer["Ref"]]["Properties"]["ContentUri"]) for layer in layers
            ],
            environment={name: text for name in given if (text := _setting(name, given[name], settings)) is not None},
            handler=properties.get("Handler", shared["Handler"]),
            timeout_s=properties.get("Timeout", shared["Timeout"]),
            memory_mb=properties.get("MemorySize", shared["MemorySize"]),
        )
    return made


def short_name(logical_id: str) -> str:
    """Return `run_connector_harbor` for RunConnectorHarborFunction."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", logical_id.removesuffix("Function")).lower()


def _folder(built: Path, written: str) -> Path:
    return (built.parent / written).resolve()


def _setting(name: str, written: Any, settings: Mapping[str, str]) -> str | None:
    return settings.get(name, written if isinstance(written, str) else None)
