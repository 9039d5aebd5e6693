"""Everything that is logged goes to one file as JSON lines, never over the table."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from integrations_hub.connector.redaction import redact_current
from integrations_hub.observability.logs import JsonFormatter

__all__ = ["logging_to"]

_LARGEST = 10_000_000  # bytes; what is older is in `hub.log.1`, what was older still is gone
_HUB = logging.getLogger("integrations_hub")
_JOBS = "integrations_hub.web.jobs"


class _PrivateFile(RotatingFileHandler):
    """A log file that only we can read."""

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Append the hub's lines, other libraries' warnings and what ends a thread to a file of limited size."""
    handler = _PrivateFile(path, maxBytes=_LARGEST, backupCount=1)
    handler.setFormatter(JsonFormatter(redact_current))
    handler.addFilter(_worth_a_line)
    logging.getLogger().addHandler(handler)
    before, _HUB.handlers[:] = list(_HUB.handlers), []  # standard error is the table's
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread
    try:
        yield
    finally:
        threading.excepthook = threading.__excepthook__
        logging.captureWarnings(capture=False)
        _HUB.handlers[:] = before
        logging.getLogger().removeHandler(handler)
        handler.close()


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Leave out that a job ended well: here four do so every second."""
    return not (record.name == _JOBS and record.levelno == logging.INFO)


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        name = ended.thread.name if ended.thread else "?"
        logging.getLogger(__name__).error("thread %s ended", name, exc_info=ended.exc_value)
