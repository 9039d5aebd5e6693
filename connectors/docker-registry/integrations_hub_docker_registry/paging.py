"""From one page of a registry's list to the next. Pure.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags: a `Link`, most often relative,
names the next page. It is never followed; only the position in it is kept, and asked for at our own address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import MAX_CURSOR
from integrations_hub_docker_registry.errors import foreign

__all__ = ["next_cursor", "page_params"]

_PAGE_SIZE = "100"
_POSITIONS = frozenset({"last", "next_page"})  # the specification's name, and Quay's
_LINK = re.compile(r"<(?P<url>[^<>]{0,2048})>(?P<parameters>[^<>]{0,512})")
_NEXT = re.compile(r';\s*rel\s*=\s*"?next"?\s*(?:[;,]|\Z)', re.IGNORECASE)


def page_params(cursor: str | None) -> Mapping[str, str]:
    """Return the query of a page: its size, and the position a cursor holds.

    Raises:
        CheckFailed: `invalid_config` for a cursor that is none of ours.
    """
    if cursor is None:
        return {"n": _PAGE_SIZE}
    position = _position(cursor) if len(cursor) <= MAX_CURSOR else {}
    if len(position) != 1:
        raise CheckFailed(Reason.INVALID_CONFIG, "this page does not exist", "Begin again with the first page.")
    return {"n": _PAGE_SIZE, **position}


def next_cursor(answer: Answer, at: str, cursor: str | None) -> str | None:
    """Return the cursor of the page after this one of the list at an address, None at the end.

    Raises:
        CheckFailed: `wrong_product` for a link to anywhere but the list itself, and for one that leads nowhere new.
    """
    link = next(
        (one["url"] for one in _LINK.finditer(answer.headers.get("link", "")) if _NEXT.match(one["parameters"])), None
    )
    if link is None:
        return None
    try:
        onward = urlsplit(urljoin(at, link))
    except ValueError:
        onward = urlsplit("")
    here = urlsplit(at)
    if (onward.scheme, onward.netloc.lower(), onward.path) != (here.scheme, here.netloc, here.path):
        raise foreign("its link to the next page leads outside the endpoint; not followed")
    following = urlencode(_position(onward.query))
    if not following or following == cursor or len(following) > MAX_CURSOR:
        raise foreign("its link to the next page names no position")
    return following


def _position(query: str) -> dict[str, str]:
    pairs = {name: value for name, value in parse_qsl(query) if name in _POSITIONS}
    return pairs if all(value.isascii() and value.isprintable() for value in pairs.values()) else {}
