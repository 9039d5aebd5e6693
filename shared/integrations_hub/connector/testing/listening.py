"""Hear all that a call says aside: log records of every level, warnings, and what is printed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO

__all__ = ["Heard", "listening"]


@dataclass(slots=True)
class Heard:
    """What was said, one text per record; what was printed is the last."""

    texts: list[str] = field(default_factory=list)


class _Listener(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        # the arguments and extra fields too: another formatter may write them
        self._heard.texts += [self.format(record), repr(record.__dict__)]


@contextmanager
def listening() -> Iterator[Heard]:
    """Listen to this process while inside."""
    heard, printed, root = Heard(), StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    # alone: what is said at this level is for nobody else
    root.handlers = [_Listener(heard)]
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(printed), redirect_stderr(printed), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield heard
        heard.texts += [str(one.message) for one in warned]
    finally:
        root.handlers = handlers
        root.setLevel(level)
        heard.texts.append(printed.getvalue())
