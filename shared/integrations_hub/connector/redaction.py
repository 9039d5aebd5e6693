"""Secrets that do not show: a value that says `***` wherever it could be printed, and text rid of known ones.

Whatever a call resolves is known for its rest: `one_call` spans it over the threads and tasks it uses, `remember` adds
a credential, `with redacting(credential):` does both for a block. Formatters pass texts through `redact_current`, and
`redact_all_records` covers the handlers and loggers of everybody else in the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING

from integrations_hub.connector.secret_forms import forms_of, spans_in

if TYPE_CHECKING:
    from logging import LogRecord

    from integrations_hub.connector.probe import Credential

__all__ = [
    "Redactor",
    "Secret",
    "excerpt",
    "one_call",
    "one_line",
    "redact",
    "redact_all_records",
    "redact_current",
    "redacting",
    "remember",
]

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


class Redactor:
    """Takes the secrets of one call out of text, in every form they are likely to come back in."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Hold the secrets; their forms are worked out when there is a text to look at."""
        self.secrets = frozenset(secrets)

    def __reduce__(self) -> tuple[type[Redactor], tuple[frozenset[Secret]]]:
        """Pickle and copy without the forms, which are secrets in plain text."""
        return (Redactor, (self.secrets,))

    @cached_property
    def _forms(self) -> frozenset[str]:
        return forms_of(secret.reveal() for secret in self.secrets)

    def redact(self, text: str) -> str:
        """Replace every occurrence by `***`, overlapping ones together; a stranger's authorization values too."""
        spans = spans_in(text, self._forms)
        if spans:
            clean, end = [], 0
            for start, stop in sorted(spans):
                if start >= end:
                    clean += [text[end:start], "***"]
                end = max(end, stop)
            text = "".join([*clean, text[end:]])
        # most texts hold none, and looking is quicker than preparing to replace
        return _AUTHORIZATION.sub(r"\1 ***", text) if _AUTHORIZATION.search(text) else text


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret in a text by `***`, as `Redactor` does."""
    return Redactor(map(Secret, secrets)).redact(text)


def excerpt(text: str, secrets: Iterable[str], limit: int = 512) -> str:
    """Return the start of a stranger's text, redacted, on one line, at most `limit` characters."""
    return one_line(redact(text, secrets), limit)


def one_line(text: str, limit: int) -> str:
    """Return the start of a text on one line, at most `limit` characters.

    It is redacted before: half a secret at the edge would not be recognised.
    """
    clean = (text if text.isprintable() else _CONTROL.sub(" ", text)).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


_CURRENT: ContextVar[tuple[Redactor, ...]] = ContextVar("redactors", default=())
_CALL: ContextVar[list[Redactor] | None] = ContextVar("call", default=None)
_MOST_REMEMBERED = 64  # a call that resolves more keeps the latest


@contextmanager
def one_call() -> Iterator[None]:
    """Let all that runs inside, tasks and threads with a copy of this context included, know what any of it resolves.

    An exception that crosses from one to the other is then written down without it.
    """
    token = _CALL.set([])
    try:
        yield
    finally:
        _CALL.reset(token)


def remember(credential: Credential) -> None:
    """Keep a credential out of what is logged for the rest of the call; without one, of this task."""
    call = _CALL.get()
    if call is None:
        _CALL.set(call := [])
    redactor = credential.redactor
    if not any(known.secrets >= redactor.secrets for known in call):
        call.append(redactor)
        del call[:-_MOST_REMEMBERED]


@contextmanager
def redacting(credential: Credential) -> Iterator[Redactor]:
    """Keep a credential out of what is logged inside, by this task and the tasks and `to_thread` calls it starts."""
    redactor = credential.redactor
    token = _CURRENT.set((*_CURRENT.get(), redactor))
    try:
        yield redactor
    finally:
        _CURRENT.reset(token)


def redact_current(text: str) -> str:
    """Take the secrets of the current call out of a text; as it is where no call is under way."""
    for redactor in _known():
        text = redactor.redact(text)
    return text


def redact_all_records() -> None:
    """Have every log record of this process made without the secrets of the call that makes it.

    At the record, not at a handler: libraries and runtimes bring handlers of their own, at any time.
    """
    import logging  # noqa: PLC0415 - who only reads schemas logs nothing

    factory = logging.getLogRecordFactory()
    if getattr(factory, "redacts", False):
        return

    def made(*args: object, **kwargs: object) -> LogRecord:
        record: LogRecord = factory(*args, **kwargs)
        _clean(record)
        return record

    made.redacts = True  # type: ignore[attr-defined] # how the next call knows its own
    logging.setLogRecordFactory(made)


def _known() -> tuple[Redactor, ...]:
    current, call = _CURRENT.get(), _CALL.get()
    if not call:  # asked for every value of a log line, and most lines are written where nothing was resolved
        return current
    return (*current, *(redactor for redactor in call if redactor not in current))


def _clean(record: LogRecord) -> None:
    """Take the secrets of the current call out of a record's message and its exception's text."""
    if not _known():
        return
    from traceback import format_exception  # noqa: PLC0415 - as above

    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - a line whose arguments do not fit is the logger's fault, and may show them
        message = f"{record.msg} {record.args}"
    record.msg, record.args = redact_current(message), None
    if record.exc_info and record.exc_info[1]:
        shown = "".join(format_exception(record.exc_info[1])).rstrip()
        record.exc_text = redact_current(shown)  # formatters use this text when there is one
        if record.exc_text != shown:
            record.exc_info = None  # but for those that write the exception themselves, as Lambda's does
