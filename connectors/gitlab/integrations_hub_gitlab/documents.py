"""GitLab's documents, read without believing them: what is not there or of another shape is another product."""

from __future__ import annotations

from collections.abc import Mapping

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub_gitlab.errors import foreign

__all__ = ["foreign_document", "items", "mapping"]


def mapping(answer: Answer, what: str) -> Mapping[str, object]:
    """Return the object an answer holds.

    Raises:
        CheckFailed: `wrong_product` when it holds none.
    """
    document = answer.json()
    if not isinstance(document, Mapping):
        raise foreign_document(what)
    return document


def items(answer: Answer, what: str) -> list[Mapping[str, object]]:
    """Return the objects an answer lists.

    Raises:
        CheckFailed: `wrong_product` when it lists none, or something else.
    """
    listed = answer.json()
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise foreign_document(what)
    return listed


def foreign_document(what: str) -> CheckFailed:
    """Return the verdict on a document that is not GitLab's."""
    return foreign(f"its {what} document is not GitLab's")
