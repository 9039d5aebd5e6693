"""The resolver: a reference becomes a credential, for one tenant and one host.

It lives on one event loop; backends run in threads of their own, a few per backend, so one that hangs holds up
neither the loop nor the others.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar

from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.cache import CacheLimits, Entry, Key, SecretCache
from integrations_hub.credentials.errors import BackendUnavailable, SecretNotFound, SecretUnavailable, UnknownAlias
from integrations_hub.credentials.policy import check_host
from integrations_hub.credentials.ports import SecretBackend, StoredSecret
from integrations_hub.credentials.values import select

__all__ = ["BackendStatus", "ResolvedSecret", "Resolver"]

_log = logging.getLogger(__name__)

_THREADS = 4  # per backend
_DEADLINE_S = 10.0  # a check has 20 s in all

T = TypeVar("T")


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


@dataclass(slots=True)
class _Lane:
    """One backend's threads, and the moment until which it counts as away."""

    backend: SecretBackend
    pool: ThreadPoolExecutor
    away: BackendUnavailable | None = None
    away_until: float = 0.0


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
    _lanes: dict[str, _Lane] = field(init=False, repr=False, default_factory=dict)
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
        """Return the secret of `tenant` that `ref` names, to be sent to `host` (`name` or `name:port`) and nowhere else.

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
        """Forget a secret the provider rejected, so that the next `resolve` reads it again; a read under way is not joined."""
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
        try:
            reach = await _in_thread(lane, lane.backend.probe)
        except (SecretUnavailable, TimeoutError):
            return BackendStatus(lane.backend.kind, reachable=False, writable=False)
        return BackendStatus(lane.backend.kind, reach.reachable, reach.writable)

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
        if lane.away and self.clock() < lane.away_until:
            return lane.away
        try:
            stored = await _in_thread(lane, lane.backend.read, key.tenant, key.path, key.version)
        except SecretNotFound as missing:
            return Entry.of(missing.with_traceback(None), self.clock(), self.limits)
        except BackendUnavailable as away:
            return self._away(lane, away.with_traceback(None))
        except SecretUnavailable as refused:
            return refused.with_traceback(None)
        except TimeoutError:
            remedy = "Look at the backend's load and its network."
            return self._away(lane, BackendUnavailable(key.alias, "the secret backend did not answer in time", remedy))
        except Exception as broken:  # noqa: BLE001 - a fault of the backend's code is that backend being away
            _log.error("a secret backend failed", extra={"secretBackend": key.alias, "error": type(broken).__name__})  # noqa: TRY400 - its traceback may show the secret
            return self._away(lane, BackendUnavailable(key.alias, "the secret backend failed", "See the hub's log."))
        lane.away = None
        return Entry.of(stored, self.clock(), self.limits)

    def _away(self, lane: _Lane, away: BackendUnavailable) -> BackendUnavailable:
        lane.away, lane.away_until = away, self.clock() + self.limits.away_s
        return away

    def _lane(self, alias: str) -> _Lane:
        if alias not in self._lanes:
            pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"secrets-{alias}")
            self._lanes[alias] = _Lane(self.backends[alias], pool)
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


async def _in_thread(lane: _Lane, work: Callable[..., T], *arguments: object) -> T:
    async with asyncio.timeout(_DEADLINE_S):
        return await asyncio.get_running_loop().run_in_executor(lane.pool, work, *arguments)
