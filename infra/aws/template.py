"""A CloudFormation or SAM template as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

__all__ = ["functions_of", "read_template"]


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # yaml is untyped
    """YAML with CloudFormation's short forms: `!Ref x` as `{"Ref": "x"}`."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def read_template(path: Path) -> Mapping[str, Any]:
    """Return a template."""
    return yaml.load(path.read_text(), _Loader)  # type: ignore[no-any-return] # noqa: S506 - a SafeLoader


def functions_of(template: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return a SAM template's functions by logical id, each its properties."""
    resources = template["Resources"].items()
    return {name: one["Properties"] for name, one in resources if one["Type"] == "AWS::Serverless::Function"}
