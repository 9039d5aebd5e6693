"""JSON logs: one object per line, the same keys everywhere, and nothing a caller sent can end a line or leave a secret.

The keys of the request under way are kept in a `ContextVar`: threads and tasks never see another request's
(Powertools' `append_keys` mixes them).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO

__all__ = ["JsonFormatter", "configure", "log_keys"]

_NOTHING: dict[str, str] = {}
_KEYS: ContextVar[dict[str, str]] = ContextVar("log_keys", default=_NOTHING)

_RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def log_keys(**keys: str) -> Iterator[dict[str, str]]:
    """Put keys (`requestId`, `traceId`, `integrationId`, `tenantId`, `providerType`, `action`) on every line inside.

    The mapping it gives may be added to while the block runs.
    """
    inside = {**_KEYS.get(), **keys}
    token = _KEYS.set(inside)
    try:
        yield inside
    finally:
        _KEYS.reset(token)


def _as_is(text: str) -> str:
    return text


class JsonFormatter(logging.Formatter):
    """Write a record as one line of ASCII JSON: `time`, `level`, `message`, `logger`, the keys in force, the extras."""

    def __init__(self, redact: Callable[[str], str] = _as_is) -> None:
        """Pass every text through `redact` before it is written."""
        super().__init__()
        self._redact = redact
        self._encode = json.JSONEncoder(default=self._text).encode  # `json.dumps` would make one for every line

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a value JSON does not know is written as its `str`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **_KEYS.get(),
            **{name: value for name, value in vars(record).items() if name not in _RECORD_ATTRIBUTES},
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        elif record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._encode({name: self._clean(value) for name, value in line.items()})

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            return self._redact(value)
        if isinstance(value, dict):
            return {self._text(name): self._clean(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value

    def _text(self, value: object) -> str:
        return self._redact(str(value))


class _StandardError(logging.StreamHandler[IO[str]]):
    """Writes to whatever `sys.stderr` is when a line is written, as `logging.lastResort` does."""

    @property
    def stream(self) -> IO[str]:
        """Return the stream of the moment."""
        return sys.stderr

    @stream.setter
    def stream(self, _stream: IO[str]) -> None:
        """Keep no stream."""


def configure(
    *,
    stream: IO[str] | None = None,
    level: str = "INFO",
    redact: Callable[[str], str] = _as_is,
    propagate: bool = False,
) -> logging.Handler:
    """Send the hub's log lines to `stream` (standard error by default) as JSON; once more replaces what was set.

    `propagate` hands them to the root's handlers too: Lambda's would write each line a second time.
    """
    handler = logging.StreamHandler(stream) if stream else _StandardError()
    handler.setFormatter(JsonFormatter(redact))
    logger = logging.getLogger("integrations_hub")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = propagate
    return handler
