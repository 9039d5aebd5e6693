"""GitHub's documents, read without believing them: what is not there or of another shape is another product."""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations_hub.connector.answer import Answer
from integrations_hub_github.errors import foreign

__all__ = ["items", "mapping", "plain_name", "strings"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")  # of a login or slug; shown to people, so nothing else is taken


def mapping(answer: Answer, what: str) -> Mapping[str, object]:
    """Return the object an answer holds.

    Raises:
        CheckFailed: `wrong_product` when it holds none.
    """
    document = answer.json()
    if not isinstance(document, Mapping):
        raise foreign(f"its {what} document is not GitHub's")
    return document


def items(listed: object, what: str) -> list[Mapping[str, object]]:
    """Return the objects of a list.

    Raises:
        CheckFailed: `wrong_product` when it is no list, or not of objects.
    """
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise foreign(f"its list of {what} is not GitHub's")
    return listed


def strings(listed: object) -> tuple[str, ...]:
    """Return the strings of a list in order; nothing of what is no list."""
    return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()


def plain_name(text: object) -> str:
    """Return a login or slug, or words in its place when it is none."""
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "(no plain name)"
