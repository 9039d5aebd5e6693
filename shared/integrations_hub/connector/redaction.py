"""Secrets that do not show: a value that says `***` wherever it could be printed, and text rid of known ones.

Inside `with redacting(credential):` everything the current call logs is rid of that credential, once a handler has
`redact_record` as filter or a formatter passes its texts through `redact_current`.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from logging import LogRecord

    from integrations_hub.connector.probe import Credential

__all__ = ["Redactor", "Secret", "excerpt", "redact", "redact_current", "redact_record", "redacting"]

_SHORTEST = 4  # a shorter value would blank out ordinary words, and protects nothing
_MOST_PAIRED = 16  # pairs grow with the square; a secret with more fields than this holds no login
_AUTHORIZATION = re.compile(r"\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]{16,}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_SHELL_SPECIAL = re.compile(r"([^\w@%+=:,./-])")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")


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


class Redactor:
    """Takes the secrets of one call out of text, in every form they are likely to come back in."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Work out the forms once: plain, base64 (each `a:b` of two as HTTP Basic has it), URL, JSON, shell, repr."""
        values = sorted({secret.reveal() for secret in secrets})
        pairs = [f"{one}:{other}" for one in values for other in values] if len(values) <= _MOST_PAIRED else []
        self._forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        self._forms.update(form for pair in pairs if len(pair) > _SHORTEST for form in _base64(pair))

    def redact(self, text: str) -> str:
        """Replace every occurrence by `***`, overlapping ones together; a stranger's authorization values too."""
        spans = sorted(span for form in self._forms for span in _occurrences(text, form))
        clean, end = [], 0
        for start, stop in spans:
            if start >= end:
                clean += [text[end:start], "***"]
            end = max(end, stop)
        return _AUTHORIZATION.sub(r"\1 ***", "".join([*clean, text[end:]]))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret in a text by `***`, as `Redactor` does."""
    return Redactor(map(Secret, secrets)).redact(text)


def excerpt(text: str, secrets: Iterable[str], limit: int = 512) -> str:
    """Return the start of a stranger's text, redacted, on one line, at most `limit` characters."""
    # redacted before it is cut: half a secret at the edge would not be recognised
    clean = _CONTROL.sub(" ", redact(text, secrets)).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


_CURRENT: ContextVar[tuple[Redactor, ...]] = ContextVar("redactors", default=())


@contextmanager
def redacting(credential: Credential) -> Iterator[Redactor]:
    """Keep a credential out of what is logged inside, by this task and the tasks and `to_thread` calls it starts."""
    redactor = Redactor(credential.fields.values())
    token = _CURRENT.set((*_CURRENT.get(), redactor))
    try:
        yield redactor
    finally:
        _CURRENT.reset(token)


def redact_current(text: str) -> str:
    """Take the secrets of the current call out of a text; as it is where no call is under way."""
    for redactor in _CURRENT.get():
        text = redactor.redact(text)
    return text


def redact_record(record: LogRecord) -> bool:
    """Take the secrets of the current call out of a log record; give it to `Handler.addFilter`."""
    if _CURRENT.get():
        from traceback import format_exception  # noqa: PLC0415 - who only reads schemas formats no exception

        record.msg, record.args = redact_current(record.getMessage()), None
        if record.exc_info:
            # formatters use this text when there is one
            record.exc_text = redact_current("".join(format_exception(record.exc_info[1])).rstrip())
    return True


def _occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)


def _forms(secret: str) -> tuple[str, ...]:
    quoted = (
        quote(secret, safe="", errors="surrogatepass"),
        quote(secret, errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"),
    )
    return (
        secret,
        *_base64(secret),
        *quoted,
        *(_ESCAPE.sub(lambda escape: escape[0].lower(), one) for one in quoted),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        secret.replace("'", "'\"'\"'"),  # shlex.quote
        secret.replace("'", "'\\''"),  # POSIX shells
        _SHELL_SPECIAL.sub(r"\\\1", secret),  # printf %q
    )


def _base64(secret: str) -> tuple[str, ...]:
    """Return the base64 and base64url forms (RFC 4648 §4, §5), with and without padding."""
    encoded = b64encode(secret.encode("utf-8", "surrogatepass")).decode()
    urlsafe = encoded.translate(str.maketrans("+/", "-_"))
    return encoded, encoded.rstrip("="), urlsafe, urlsafe.rstrip("=")
