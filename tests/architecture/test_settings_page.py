"""The page of settings is what the code reads: no variable more, none less, with its default and its sentence."""

import re
from typing import Any

from tests.architecture.house import ROOT
from tests.support.known_settings import KINDS

PAGE = (ROOT / "infra" / "docs" / "settings.md").read_text()
ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>[^|]+) \| (?P<text>.+) \|$", re.MULTILINE)


def fields() -> dict[str, tuple[str, str]]:
    return {
        str(field.alias): (shown(field), str(field.description))
        for kind in KINDS
        for field in kind.model_fields.values()
    }


def shown(field: Any) -> str:
    """Return how a default is written on the page."""
    if field.is_required():
        return "required"
    return (
        "not set"
        if field.default in (None, "")
        else f"`{str(field.default).lower() if field.default is False else field.default}`"
    )


def test_every_setting_is_on_the_page_as_the_code_has_it() -> None:
    assert {row["name"]: (row["default"], row["text"]) for row in ROW.finditer(PAGE)} == fields()


def test_every_class_of_settings_has_its_heading_and_sentence() -> None:
    for kind in KINDS:
        sentence = (kind.__doc__ or "").splitlines()[0]
        assert f"## {kind.__name__}\n\n{sentence}\n" in PAGE


def test_variables_begin_in_one_class_only() -> None:
    aliases = [field.alias for kind in KINDS for field in kind.model_fields.values()]
    assert len(set(aliases)) == len(aliases)
