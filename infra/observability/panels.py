"""The list of panels: what is shown, by which labels, and how it is summed up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Panel", "as_text", "panels"]

_LIST = Path(__file__).parent / "panels.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. `by` are the labels its lines are told apart by, `where` those it is held to."""

    title: str
    metric: str
    by: Sequence[str]
    unit: Literal["short", "ms", "s"]
    show: Literal["lowest", "highest", "sum", "rate", "percentiles"]
    text: str
    where: Mapping[str, str] = field(default_factory=dict)


def panels() -> Sequence[Panel]:
    """Return the panels in the order they are shown."""
    return [Panel(**one) for one in json.loads(_LIST.read_text(encoding="utf-8"))]


def as_text(document: Mapping[str, Any]) -> str:
    """Return a document as it is committed."""
    return json.dumps(document, indent=1) + "\n"
