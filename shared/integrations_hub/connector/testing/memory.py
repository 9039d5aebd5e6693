"""What a connector still holds after a call: looked for from its instance, its classes and its package's modules.

A secret's own fields may not be kept at all, also not inside a `Secret`. What a provider gave for them (a token) may be
kept inside a `Secret`, and nowhere else. Only objects of the connector's package and of the SDK are looked into.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType
from weakref import WeakKeyDictionary, WeakValueDictionary

from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.testing.search import Marks
from integrations_hub.connector.testing.subject import AnyConnector

__all__ = ["kept_by"]

_SDK = "integrations_hub.connector"
_MOST = 200_000
_CACHE = type(cache(print))
_CONTAINERS = (dict, list, tuple, set, frozenset, WeakKeyDictionary, WeakValueDictionary, _CACHE)


def kept_by(connector: AnyConnector, marks: Marks, fields: frozenset[str]) -> Iterator[str]:
    """Yield where the secret is kept; a place is the way there from the instance or a module."""
    module = type(connector).__module__
    package = module.rpartition(".")[0] or module
    modules = [(name, vars(one)) for name, one in list(sys.modules.items()) if _within(name, package)]
    waiting: list[tuple[str, object]] = [("the instance", connector), *modules]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        place, thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if _is_secret(thing, marks, fields):
            yield place
        elif not isinstance(thing, Secret):  # what a provider gave for the secret may be kept, in here
            waiting += [(f"{place}{way}", inner) for way, inner in _inside(thing, package)]


def _is_secret(thing: object, marks: Marks, fields: frozenset[str]) -> bool:
    if isinstance(thing, Secret):
        return thing.reveal().rpartition(" ")[2] in fields or thing.reveal() in fields
    if isinstance(thing, bytes | bytearray):
        thing = bytes(thing).decode("utf-8", "backslashreplace")
    return isinstance(thing, str) and marks.found_in(thing)


def _inside(thing: object, package: str) -> Iterator[tuple[str, object]]:
    if isinstance(thing, dict):
        yield from ((f"[{key!r}]"[:40], value) for key, value in thing.items())
        yield from (("'s keys", key) for key in thing)
    elif isinstance(thing, _CONTAINERS):
        yield from (("[…]", inner) for inner in gc.get_referents(thing))
    elif isinstance(thing, FunctionType):
        if _within(thing.__module__, package):
            yield from (("'s closure", cell) for cell in thing.__closure__ or ())
            yield from (("'s defaults", value) for value in (thing.__defaults__ or ()))
    elif type(thing).__name__ == "cell":
        yield from (("", inner) for inner in gc.get_referents(thing))
    elif not isinstance(thing, ModuleType) and _is_of(thing, package):
        yield from _attributes(thing)


def _is_of(thing: object, package: str) -> bool:
    kind = thing if isinstance(thing, type) else type(thing)
    return _within(kind.__module__, package) or _within(kind.__module__, _SDK)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _attributes(thing: object) -> Iterator[tuple[str, object]]:
    yield from ((f".{name}", value) for name, value in list(getattr(thing, "__dict__", {}).items()))
    slots = (name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()))
    yield from ((f".{name}", getattr(thing, name)) for name in slots if hasattr(thing, name))
    if not isinstance(thing, type):
        yield from _attributes(type(thing))
