"""JSON as I-JSON has it (RFC 7493): one meaning for every document, or a sentence that says why not.

`json.loads` alone lets the last of two equal keys win, reads NaN, and hands on lone surrogates and NUL that
PostgreSQL refuses; each would be a 500 far from its cause.
"""

from __future__ import annotations

import json
import math
from typing import NoReturn

from integrations_hub.errors import BadRequest, Invalid

__all__ = ["MAX_DEPTH", "check_text", "strict_json"]

# 16 for a config, and the object around it.
MAX_DEPTH = 17
_SAFE_INTEGER = 2**53 - 1  # RFC 7493 §2.2
_MAX_DIGITS = 400


def strict_json(raw: bytes) -> object:
    """Read one JSON document. No message repeats what was sent: it may be a secret.

    Raises:
        BadRequest: not UTF-8, not JSON, a member named twice, a NUL, a lone surrogate, NaN or a number too large.
        Invalid: nested deeper than `MAX_DEPTH`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BadRequest(f"The JSON is not UTF-8 at byte {fault.start}.") from None
    try:
        document: object = json.loads(
            text, object_pairs_hook=_members, parse_constant=_constant, parse_float=_real, parse_int=_integer
        )
    except json.JSONDecodeError as fault:
        raise BadRequest(f"The JSON cannot be read at line {fault.lineno}, column {fault.colno}.") from None
    except RecursionError:
        raise _too_deep() from None
    _check(document, 0)
    return document


def check_text(text: str) -> None:
    """Refuse text that neither PostgreSQL nor UTF-8 can hold.

    Raises:
        BadRequest: it holds NUL or a lone surrogate.
    """
    if "\0" in text:
        raise BadRequest("A text holds the character NUL. Remove it.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("A text holds half of a surrogate pair or bytes that are not UTF-8. Send whole characters.")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadRequest("The JSON names the same member twice in one object. Keep one of them.")
    return members


def _constant(_: str) -> NoReturn:
    raise BadRequest("The JSON holds NaN or Infinity, which JSON does not have. Use a number or null.")


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadRequest("The JSON holds a number too large for a 64-bit float.")
    return number


def _integer(digits: str) -> int:
    # the length first: Python refuses to read thousands of digits, with a message of its own
    if len(digits) > _MAX_DIGITS or abs(number := int(digits)) > _SAFE_INTEGER:
        raise BadRequest("The JSON holds an integer beyond 9007199254740991. Send it as text.")
    return number


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict | list):
        if depth == MAX_DEPTH:
            raise _too_deep()
        if isinstance(value, dict):
            for name in value:
                check_text(name)
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)


def _too_deep() -> Invalid:
    return Invalid(f"The JSON is nested deeper than {MAX_DEPTH} levels. Flatten it.")
