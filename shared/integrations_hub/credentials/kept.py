"""Clients that are made when first needed and kept: one per tenant where a tenant has rights or a vault of its own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from importlib.util import find_spec
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["KeptClients", "missing_extra", "quieten"]

_MOST = 256

T = TypeVar("T")


class KeptClients(Generic[T]):
    """At most so many clients, the least recently used leaving first; each is made once, whichever thread asks."""

    def __init__(self, make: Callable[[str], T]) -> None:
        """Make none yet; `make` opens nothing, for others wait meanwhile."""
        self._make = make
        self._clients: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> T:
        """Return the client of this name."""
        with self._lock:
            if name not in self._clients:
                self._clients[name] = self._make(name)
            self._clients.move_to_end(name)
            if len(self._clients) > _MOST:
                self._clients.popitem(last=False)
            return self._clients[name]


def quieten(library: str, level: int) -> None:
    """Have a library log nothing below a level, whatever the deployment's: it writes down what it received."""
    logger = logging.getLogger(library)
    logger.setLevel(max(logger.level, level))


def missing_extra(extra: str, *modules: str) -> str | None:
    """Return what to install when one of the modules is not there; nothing is imported but its parents."""
    for module in modules:
        try:
            found = find_spec(module)
        except ModuleNotFoundError:  # a parent is missing
            found = None
        if found is None:
            return f"needs a client that is not installed: pip install 'integrations-hub[{extra}]'"
    return None
