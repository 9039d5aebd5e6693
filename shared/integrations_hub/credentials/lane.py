"""One backend's threads: it is synchronous, may hang, and must hold up neither the event loop nor another backend."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TypeVar

from integrations_hub.credentials.cache import Key
from integrations_hub.credentials.errors import BackendUnavailable, OwnVaultUnavailable, SecretUnavailable
from integrations_hub.credentials.ports import Reach, SecretBackend, StoredSecret

__all__ = ["Lane"]

_THREADS = 4
_DEADLINE_S = 10.0  # a check has 20 s in all
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Lane:
    """A backend as the event loop sees it; whatever its code does, a read ends in time and as data."""

    def __init__(self, alias: str, backend: SecretBackend) -> None:
        """Start no thread yet."""
        self.kind = backend.kind
        self._alias = alias
        self._backend = backend
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"secrets-{alias}")
        self._away: dict[str, tuple[BackendUnavailable, float]] = {}  # by tenant; of all under no name

    def away(self, tenant: str, now: float) -> BackendUnavailable | None:
        """Return why the backend need not be asked yet for a tenant; None when it should."""
        self._away = {name: (away, until) for name, (away, until) in self._away.items() if now < until}
        away, _ = self._away.get("") or self._away.get(tenant) or (None, 0.0)
        return away

    def rest(self, tenant: str, away: BackendUnavailable, until: float) -> None:
        """Leave a backend that is away alone until a time; where only the tenant's own vault is, for that tenant."""
        self._away[tenant if isinstance(away, OwnVaultUnavailable) else ""] = away, until

    async def read(self, key: Key) -> StoredSecret | SecretUnavailable:
        """Read one secret, or say why not."""
        # an operator can find who read what; the path only as a digest, as paths name systems
        digest = sha256(key.path.encode()).hexdigest()[:16]
        where = {"tenantId": key.tenant, "secretBackend": self._alias, "secretPath": digest, "version": key.version}
        _log.info("a secret is read", extra={"action": "read_secret", **where})
        try:
            return await self._run(lambda: self._asked(key))
        except SecretUnavailable as unavailable:
            return unavailable.with_traceback(None)
        except TimeoutError:
            remedy = "Look at the backend's load and its network."
            return BackendUnavailable(self._alias, "the secret backend did not answer in time", remedy)
        except Exception as broken:  # noqa: BLE001 - a fault in a backend's code is that backend being away
            # only the kind of error: its text and traceback may show the secret
            _log.error("a secret backend failed", extra={"secretBackend": self._alias, "error": type(broken).__name__})
            return BackendUnavailable(self._alias, "the secret backend's adapter failed", "See the hub's log.")

    async def probe(self) -> Reach:
        """Ask for a sign of life, which ends a rest; one that is away, refuses the hub or hangs gives none."""
        try:
            reach = await self._run(self._backend.probe)
            if reach.reachable:
                self._away.pop("", None)
            return reach  # noqa: TRY300 - the others answer for it
        except (SecretUnavailable, TimeoutError):
            return Reach(reachable=False, writable=None)

    def _asked(self, key: Key) -> StoredSecret:
        if key.before and key.version is not None:
            return self._backend.previous(key.tenant, key.path, key.version)
        return self._backend.read(key.tenant, key.path, key.version)

    async def _run(self, work: Callable[[], T]) -> T:
        async with asyncio.timeout(_DEADLINE_S):
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
