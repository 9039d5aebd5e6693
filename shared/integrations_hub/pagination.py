"""Opaque page tokens: a position in a stable order and a hash of the filters it belongs to, never a URL.

A token is not a secret and not signed: it only ever becomes a bound value of the caller's own, tenant-bound query.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from integrations_hub.errors import BadRequest

__all__ = ["page_token", "read_page_token"]

_LONGEST_NUMBER = 18  # digits: fits PostgreSQL's bigint


def page_token(position: Sequence[object], asked: Mapping[str, object]) -> str:
    """Return the token of the page after `position` in the list that was asked for."""
    values = [value.isoformat() if isinstance(value, datetime) else str(value) for value in position]
    document = json.dumps([_hash(asked), *values], separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(document.encode()).rstrip(b"=").decode()


def read_page_token(token: str | None, asked: Mapping[str, object], *kinds: type) -> Sequence[object] | None:
    """Return the position a token holds, one value per kind (`str`, `int`, `UUID`, `datetime`); None without one.

    Raises:
        BadRequest: the token is damaged, or belongs to another list or other filters.
    """
    if token is None:
        return None
    try:
        owner, *values = json.loads(urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)))
        position = [_value(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadRequest("page_token is not one this list gave. Leave it out to begin at the first page.") from None
    if owner != _hash(asked):
        raise BadRequest("page_token belongs to other filters. Leave it out, or repeat the filters of its page.")
    return position


def _value(text: object, kind: type) -> object:
    """Read one value of a position; what PostgreSQL could not take is refused here."""
    if not isinstance(text, str) or "\0" in text:
        raise ValueError
    text.encode()  # a lone surrogate fails here
    if kind is int:
        if not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_NUMBER:
            raise ValueError
        return int(text)
    if kind is datetime:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # PostgreSQL knows no offset of half a second
    return UUID(text) if kind is UUID else text


def _hash(asked: Mapping[str, object]) -> str:
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:12]
