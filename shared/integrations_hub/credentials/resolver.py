"""The resolver: a reference becomes a credential, for one tenant and one host.

It lives on one event loop; each backend has a lane of threads of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from integrations_hub.catalog.secret_backends import BackendStatus
from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.cache import CacheLimits, Entry, Key, SecretCache
from integrations_hub.credentials.errors import BackendUnavailable, SecretNotFound, SecretUnavailable, UnknownAlias
from integrations_hub.credentials.lane import Lane
from integrations_hub.credentials.policy import check_host
from integrations_hub.credentials.ports import SecretBackend, StoredSecret

__all__ = ["ResolvedSecret", "Resolver"]


class ResolvedSecret(NamedTuple):
    """A credential for one call, and what the backend says of it. `stale`: it is away, and this was read before."""

    credential: Credential
    version: str | None
    ends_at: datetime | None
    rotated_at: datetime | None
    stale: bool


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

    def __post_init__(self) -> None:
        """Start empty, without a thread."""
        self._cache = SecretCache(self.limits.entries)

    def check_alias(self, ref: AuthRef) -> None:
        """Return when the deployment has the backend a reference names.

        Raises:
            UnknownAlias: it has not; the message names those it has.
        """
        if ref.alias not in self.backends:
            raise UnknownAlias(ref.alias, self.backends)

    async def resolve(self, tenant: str, ref: AuthRef, *, host: str | None) -> ResolvedSecret:
        """Return the secret of `tenant` that `ref` names, to be sent to `host` (`name[:port]`) and nowhere else.

        Without a host it is sent nowhere: it verifies what came in.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        self.check_alias(ref)
        entry = await self._entry(Key(tenant, ref.alias, ref.path, ref.version), ref.key)
        return self._handed_out(ref, entry, host)

    async def resolve_before(self, tenant: str, ref: AuthRef, version: str, *, host: str | None) -> ResolvedSecret:
        """Return what the secret was before `version`, under the same rules.

        Raises:
            SecretUnavailable: a subclass, saying why; `SecretNotFound` when there was none, or it is deleted.
        """
        self.check_alias(ref)
        entry = await self._entry(Key(tenant, ref.alias, ref.path, version, before=True), ref.key)
        return self._handed_out(ref, entry, host)

    async def _entry(self, key: Key, wanted: str | None) -> Entry:
        """Return what is kept while it is fresh, else what the backend says. A missing field ages as a missing secret.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        entry, now = self._cache.get(key), self.clock()
        missed = entry is not None and entry.credential(wanted) is None and now >= entry.read_at + self.limits.missing_s
        if entry is None or missed or not entry.fresh(now):
            outcome = await self._joined(key)
            if isinstance(outcome, SecretUnavailable):
                # one error for many waiters: each raises its own, or their tracebacks would grow together
                raise type(outcome)(outcome.alias, outcome.evidence, outcome.remedy)
            entry = outcome
        return entry

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
        found = await asyncio.gather(*map(self.status, self.backends))
        return dict(zip(self.backends, found, strict=True))

    async def status(self, alias: str) -> BackendStatus:
        """Ask one backend for a sign of life."""
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
        lane, asked_at = self._lane(key.alias), self.clock()
        answer = lane.away(key.tenant, asked_at) or await lane.read(key)
        now = self.clock()
        if isinstance(answer, StoredSecret | SecretNotFound):
            return Entry.of(answer, asked_at, self.limits)  # it was true when it was asked for, and may be no more
        if isinstance(answer, BackendUnavailable) and not lane.away(key.tenant, now):
            lane.rest(key.tenant, answer, now + self.limits.away_s)
        return answer

    def _lane(self, alias: str) -> Lane:
        if alias not in self._lanes:
            self._lanes[alias] = Lane(alias, self.backends[alias])
        return self._lanes[alias]

    def _handed_out(self, ref: AuthRef, entry: Entry, host: str | None) -> ResolvedSecret:
        stored = entry.outcome
        if isinstance(stored, SecretNotFound):
            raise SecretNotFound(stored.alias, stored.evidence, stored.remedy)
        if host is not None:
            check_host(ref.alias, stored.values.allowed_hosts, host)
        credential = entry.credential(ref.key)
        if credential is None:
            evidence = "the secret is empty" if ref.key is None else "the secret has no such field, or it is empty"
            raise SecretNotFound(ref.alias, evidence, "Store the field, or correct #key in authRefUri.")
        if host is not None:
            check_host(ref.alias, credential.allowed_hosts, host)  # the field may have a list of its own
        return ResolvedSecret(credential, stored.version, stored.ends_at, stored.rotated_at, entry.stale)
