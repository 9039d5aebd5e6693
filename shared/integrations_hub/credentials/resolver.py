"""The resolver: a reference becomes a credential, for one tenant and one host.

It lives on one event loop; each backend has a lane of threads of its own.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.cache import CacheLimits, Entry, Key, SecretCache
from integrations_hub.credentials.errors import BackendUnavailable, SecretNotFound, SecretUnavailable, UnknownAlias
from integrations_hub.credentials.lane import Lane
from integrations_hub.credentials.policy import check_host
from integrations_hub.credentials.ports import SecretBackend, StoredSecret
from integrations_hub.credentials.values import select

__all__ = ["BackendStatus", "ResolvedSecret", "Resolver"]


@dataclass(frozen=True, slots=True)
class ResolvedSecret:
    """A credential for one call.

    `fingerprint` tells two values apart within this process, for caches of what is derived from them. `stale`: the
    backend is away and this was read before.
    """

    credential: Credential
    version: str | None
    fingerprint: str
    ends_at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """What is known of a backend, without its address."""

    kind: str
    reachable: bool
    writable: bool


_Outcome = Entry | SecretUnavailable


@dataclass(slots=True)
class Resolver:
    """Resolves references. Reads of one secret are joined, kept for a while, and served for longer in need.

    `clock` gives seconds since the epoch: a snapshot that sleeps must wake to old entries.
    """

    backends: Mapping[str, SecretBackend]
    limits: CacheLimits = field(default_factory=CacheLimits)
    clock: Callable[[], float] = time.time
    _cache: SecretCache = field(init=False, repr=False)
    _lanes: dict[str, Lane] = field(init=False, repr=False, default_factory=dict)
    _flights: dict[Key, asyncio.Task[_Outcome]] = field(init=False, repr=False, default_factory=dict)
    _fingerprint_key: bytes = field(init=False, repr=False, default=b"")

    def __post_init__(self) -> None:
        """Start empty: no thread, no random number."""
        self._cache = SecretCache(self.limits.entries)

    def check_alias(self, ref: AuthRef) -> None:
        """Return when the deployment has the backend a reference names.

        Raises:
            UnknownAlias: it has not; the message names those it has.
        """
        if ref.alias not in self.backends:
            raise UnknownAlias(ref.alias, self.backends)

    async def resolve(self, tenant: str, ref: AuthRef, *, host: str) -> ResolvedSecret:
        """Return the secret of `tenant` that `ref` names, to be sent to `host` (`name[:port]`) and nowhere else.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        self.check_alias(ref)
        key = Key(tenant, ref.alias, ref.path, ref.version)
        entry = self._cache.get(key)
        if entry is None or not entry.fresh(self.clock()):
            outcome = await self._joined(key)
            if isinstance(outcome, SecretUnavailable):
                # one error for many waiters: each raises its own, or their tracebacks would grow together
                raise type(outcome)(outcome.alias, outcome.evidence, outcome.remedy)
            entry = outcome
        stored = entry.outcome
        if isinstance(stored, SecretNotFound):
            raise SecretNotFound(stored.alias, stored.evidence, stored.remedy)
        return self._handed_out(ref, stored, host, stale=entry.stale)

    def drop(self, tenant: str, ref: AuthRef) -> None:
        """Forget a secret the provider rejected: the next `resolve` reads again, and joins no read under way."""
        key = Key(tenant, ref.alias, ref.path, ref.version)
        self._cache.drop(key)
        self._flights.pop(key, None)

    def clear(self) -> None:
        """Forget every secret: for a process that was restored from a snapshot."""
        self._cache.clear()
        self._flights.clear()

    async def probe(self) -> Mapping[str, BackendStatus]:
        """Ask every backend for a sign of life, all at once; return what is known by alias."""
        found = await asyncio.gather(*map(self._status, self.backends))
        return dict(zip(self.backends, found, strict=True))

    async def _status(self, alias: str) -> BackendStatus:
        lane = self._lane(alias)
        reach = await lane.probe()
        return BackendStatus(lane.kind, reach.reachable, reach.writable)

    async def _joined(self, key: Key) -> _Outcome:
        """Read once for all who wait; one of them giving up does not end it for the others."""
        flight = self._flights.get(key)
        if flight is None or flight.get_loop() is not asyncio.get_running_loop():
            flight = self._flights[key] = asyncio.create_task(self._refreshed(key))
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    def _landed(self, key: Key, flight: asyncio.Task[_Outcome]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _refreshed(self, key: Key) -> _Outcome:
        """Read from the backend, or fall back on what was read before when it is away."""
        flight = asyncio.current_task()
        outcome = await self._read(key)
        current = self._flights.get(key) is flight  # else dropped meanwhile: what it read may be what was rejected
        if isinstance(outcome, Entry):
            if current:
                self._cache.put(key, outcome)
            return outcome
        if isinstance(outcome, BackendUnavailable):
            kept = self._cache.get(key)
            return replace(kept, stale=True) if kept and kept.usable(self.clock()) else outcome
        self._cache.drop(key)
        return outcome

    async def _read(self, key: Key) -> _Outcome:
        lane = self._lane(key.alias)
        answer = lane.away(self.clock()) or await lane.read(key)
        now = self.clock()
        if isinstance(answer, StoredSecret | SecretNotFound):
            return Entry.of(answer, now, self.limits)
        if isinstance(answer, BackendUnavailable) and not lane.away(now):
            lane.rest(answer, now + self.limits.away_s)
        return answer

    def _lane(self, alias: str) -> Lane:
        if alias not in self._lanes:
            self._lanes[alias] = Lane(alias, self.backends[alias])
        return self._lanes[alias]

    def _handed_out(self, ref: AuthRef, stored: StoredSecret, host: str, *, stale: bool) -> ResolvedSecret:
        check_host(ref.alias, stored.values.allowed_hosts, host)
        credential = select(stored.values, ref.key)
        if credential is None:
            evidence = "the secret is empty" if ref.key is None else "the secret has no such field, or it is empty"
            raise SecretNotFound(ref.alias, evidence, "Store the field, or correct #key in authRefUri.")
        return ResolvedSecret(credential, stored.version, self._fingerprint(credential), stored.ends_at, stale)

    def _fingerprint(self, credential: Credential) -> str:
        # keyed, by a key that dies with the process: a plain digest of a weak password can be guessed back
        self._fingerprint_key = self._fingerprint_key or secrets.token_bytes(32)
        document = json.dumps({name: secret.reveal() for name, secret in credential.fields.items()}, sort_keys=True)
        return blake2b(document.encode(), key=self._fingerprint_key, digest_size=16).hexdigest()
