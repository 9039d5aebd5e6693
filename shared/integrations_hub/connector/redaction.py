"""Secrets that do not show: a value that says `***` wherever it could be printed, and text rid of known ones."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

__all__ = ["Secret", "excerpt", "redact"]

_SHORTEST = 4  # a shorter value would blank out ordinary words, and protects nothing
_AUTHORIZATION = re.compile(r"\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]{16,}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class Secret:
    """A secret value. Its repr, str and format say `***`; a pickle holds `***`; only `reveal` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text out of every rendering."""
        self._text = text

    def reveal(self) -> str:
        """Return the text: call it where it is used, never keep what it returns."""
        return self._text

    def __repr__(self) -> str:
        """Say `***`."""
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Say `***`, whatever the format."""
        return "***"

    def __eq__(self, other: object) -> bool:
        """Compare two secrets by value."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """Hash by value."""
        return hash((Secret, self._text))

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        """Pickle and copy as `***`: a secret does not travel by accident."""
        return (Secret, ("***",))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret by `***`, plain and as base64, percent-encoded or inside JSON; authorization values too."""
    forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return _AUTHORIZATION.sub(r"\1 ***", text)


def excerpt(text: str, secrets: Iterable[str], limit: int = 512) -> str:
    """Return the start of a stranger's text, redacted, on one line, at most `limit` characters."""
    # redacted before it is cut: half a secret at the edge would not be recognised
    clean = _CONTROL.sub(" ", redact(text, secrets)).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _forms(secret: str) -> tuple[str, ...]:
    encoded = b64encode(secret.encode()).decode()
    return (
        secret,
        encoded,
        encoded.rstrip("="),
        encoded.translate(str.maketrans("+/", "-_")),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    )
