"""Watch what code does to the machine, by the interpreter's own audit events (PEP 578)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

__all__ = ["ANY_IO", "NETWORK", "watched"]

#: https://docs.python.org/3/library/audit_events.html
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.send", "subprocess.", "os.system")
ANY_IO = (*NETWORK, "socket.", "open", "os.", "shutil.", "tempfile.", "urllib.")

_watches: list[tuple[tuple[str, ...], list[str]]] = []


@contextmanager
def watched(events: tuple[str, ...]) -> Iterator[list[str]]:
    """Note the audit events with these beginnings, in any thread, while inside."""
    _listen()
    seen: list[str] = []
    _watches.append((events, seen))
    try:
        yield seen
    finally:
        _watches.remove((events, seen))


@cache
def _listen() -> None:
    # a hook cannot be taken out again, so there is one, and it looks at the watches of the moment
    sys.addaudithook(_notice)


def _notice(event: str, _arguments: tuple[object, ...]) -> None:
    for events, seen in _watches:
        if event.startswith(events):
            seen.append(event)
