"""stella.yaml as the extensions read it: YAML 1.2's core schema, against `extensions/api/stella.schema.json`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import yaml
from jsonschema import Draft7Validator

__all__ = ["API", "SCHEMA", "load", "refused"]

API = Path(__file__).resolve().parents[2] / "extensions" / "api"
SCHEMA: dict[str, Any] = json.loads((API / "stella.schema.json").read_text())


_CODES = {
    "required": "missing-key",
    "additionalProperties": "unknown-key",
    "type": "wrong-type",
    "const": "not-allowed",
    "pattern": "malformed",
    "minLength": "malformed",
    "maxLength": "malformed",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
    "uniqueItems": "duplicate-item",
}


class _Core(yaml.SafeLoader):  # type: ignore[misc] # it has no types
    """YAML 1.2 §10.3: `yes` and dates are text, which PyYAML's 1.1 reads otherwise."""

    yaml_implicit_resolvers: ClassVar[dict[str, object]] = {}


for tag, pattern in (
    ("null", r"null|Null|NULL|~|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)


def load(text: str) -> Any:
    """Return a document; an empty one is an empty mapping."""
    document = yaml.load(text, _Core)
    return {} if document is None else document


def refused(document: Any) -> list[str]:
    """Return the codes of `findings.json` that the schema alone gives, in order of name."""
    errors = Draft7Validator(SCHEMA).iter_errors(document)
    found = {(error.json_path, _CODES[error.validator], error.message) for error in errors}
    # a text may break several of the rules that make it malformed, and is malformed once
    once = {(path, code, "" if code == "malformed" else message) for path, code, message in found}
    return sorted(code for _, code, _ in once)
