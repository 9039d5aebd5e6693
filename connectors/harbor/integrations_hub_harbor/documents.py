"""Harbor's documents, read without believing them: what is not there or of another shape is another product."""

from __future__ import annotations

from collections.abc import Mapping

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["NOT_HARBOR", "PAGE_SIZE", "foreign", "items", "mapping", "pages", "total"]

PAGE_SIZE = 100  # the most Harbor gives; one more is a 422
NOT_HARBOR = "Check the endpoint: it must be the address of Harbor's portal, without a page's path."


def mapping(document: object, what: str) -> Mapping[str, object]:
    """Return a document that is an object.

    Raises:
        CheckFailed: `wrong_product` when it is none.
    """
    if not isinstance(document, Mapping):
        raise foreign(what)
    return document


def items(answer: Answer, what: str) -> list[Mapping[str, object]]:
    """Return the objects an answer lists.

    Raises:
        CheckFailed: `wrong_product` when it lists none, or something else.
    """
    listed = answer.json()
    # Harbor writes an empty list of some kinds as null
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise foreign(what)
    return listed


def total(answer: Answer) -> int:
    """Return how many there are on all pages, by `X-Total-Count`; Harbor's `Link` is relative and not escaped."""
    text = answer.headers.get("x-total-count", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - sane


def pages(answer: Answer) -> int:
    """Return how many pages a list has."""
    return -(-total(answer) // PAGE_SIZE)


def foreign(what: str) -> CheckFailed:
    """Return the verdict on a document that is not Harbor's."""
    return CheckFailed(Reason.WRONG_PRODUCT, f"its {what} document is not Harbor's", NOT_HARBOR)
