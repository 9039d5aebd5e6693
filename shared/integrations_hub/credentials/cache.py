"""What was read, and for how long it may be believed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.errors import SecretNotFound
from integrations_hub.credentials.ports import StoredSecret
from integrations_hub.credentials.values import select

__all__ = ["CacheLimits", "Entry", "Key", "SecretCache"]


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How long things are kept, in seconds, and how many."""

    fresh_s: float = 300.0
    stale_s: float = 900.0
    missing_s: float = 15.0
    away_s: float = 5.0  # a backend that is away is not asked again sooner
    entries: int = 1000


class Key(NamedTuple):
    """What one read is about: a version, or the one before it. The tenant comes first: nothing is ever shared."""

    tenant: str
    alias: str
    path: str
    version: str | None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One outcome: a secret or its absence, when it was read, until when it is believed, and usable in need."""

    outcome: StoredSecret | SecretNotFound
    read_at: float
    fresh_until: float
    stale_until: float
    stale: bool = False
    _handed: dict[str | None, Credential] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, outcome: StoredSecret | SecretNotFound, now: float, limits: CacheLimits) -> Self:
        """Judge how long an outcome holds: never beyond its lease, nor beyond its end."""
        if isinstance(outcome, SecretNotFound):
            return cls(outcome, now, now + limits.missing_s, now)
        ends = [now + limits.fresh_s + limits.stale_s]
        ends += [now + outcome.lease_s] if outcome.lease_s else []
        ends += [outcome.ends_at.timestamp()] if outcome.ends_at else []
        return cls(outcome, now, min(now + limits.fresh_s, *ends), min(ends))

    def credential(self, key: str | None) -> Credential | None:
        """Return the field of this name, or the whole secret; None where it is not there, or empty."""
        credential = self._handed.get(key)
        if credential is None and isinstance(self.outcome, StoredSecret):
            credential = select(self.outcome.values, key)
            if credential is not None:
                self._handed[key] = credential
        return credential

    def fresh(self, now: float) -> bool:
        """Tell whether it may be served as it is; a clock set back makes it old."""
        return self.read_at <= now < self.fresh_until

    def usable(self, now: float) -> bool:
        """Tell whether it may be served while the backend is away."""
        return self.read_at <= now < self.stale_until


class SecretCache:
    """At most so many entries, the least recently used leaving first. Memory only."""

    def __init__(self, entries: int) -> None:
        """Start empty."""
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._most = entries

    def get(self, key: Key) -> Entry | None:
        """Return an entry, whatever its age."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry."""
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self, key: Key) -> None:
        """Forget an entry, if it is there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries)
