"""Everything that is logged goes to one file as JSON lines, never over the table."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations_hub.connector.redaction import redact_current
from integrations_hub.observability.logs import configure

__all__ = ["logging_to"]


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Append the hub's lines, other libraries' warnings and what ends a thread to a file only we can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        handler = configure(stream=file, redact=redact_current)
        root = logging.getLogger()
        root.addHandler(handler)
        logging.captureWarnings(capture=True)
        threading.excepthook = _log_thread
        try:
            yield
        finally:
            threading.excepthook = threading.__excepthook__
            logging.captureWarnings(capture=False)
            root.removeHandler(handler)
            logging.getLogger("integrations_hub").handlers[:] = []


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        name = ended.thread.name if ended.thread else "?"
        logging.getLogger(__name__).error("thread %s ended", name, exc_info=ended.exc_value)
