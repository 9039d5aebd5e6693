"""The people one may be at the consent page. There are no passwords: who reaches this Authority can be any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from local.authority.scopes import OFFLINE, READ_SCOPES, SCOPES

__all__ = ["PEOPLE", "Person"]


@dataclass(frozen=True, slots=True)
class Person:
    """One person: `id` is the claim `sub`; `scopes` is the most a token of theirs carries."""

    id: str
    name: str
    rights: str
    scopes: tuple[str, ...] = (OFFLINE, *SCOPES)


# Three who may approve, so that two of them can without the one who asked; and one whose commands are hidden.
PEOPLE: Mapping[str, Person] = MappingProxyType(
    {
        person.id: person
        for person in (
            Person("alice", "Alice", "may do everything"),
            Person("bob", "Bob", "may do everything"),
            Person("dave", "Dave", "may do everything"),
            Person("carol", "Carol", "may look, and change nothing", READ_SCOPES),
        )
    }
)
