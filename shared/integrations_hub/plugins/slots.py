"""Slots: how many calls of connectors run at once, in all, to one host and for one tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["Caps", "Slots"]


@dataclass(frozen=True, slots=True)
class Caps:
    """At most so many at once, per process."""

    total: int
    per_host: int
    per_tenant: int


@dataclass(slots=True)
class _Turnstile:
    """A semaphore that is forgotten when nobody needs it."""

    free: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class Slots:
    """Whoever waits for a host or a tenant holds no slot of the others meanwhile."""

    caps: Caps
    _total: asyncio.Semaphore = field(init=False)
    _turnstiles: dict[tuple[str, str], _Turnstile] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with all free."""
        self._total = asyncio.Semaphore(self.caps.total)

    @asynccontextmanager
    async def taken(self, tenant: str, host: str) -> AsyncIterator[None]:
        """Wait for a slot of the host, then of the tenant, then of all; hold the three."""
        of_host, of_tenant = ("host", host), ("tenant", tenant)
        at_host, at_tenant = self._free(of_host, self.caps.per_host), self._free(of_tenant, self.caps.per_tenant)
        try:
            async with at_host, at_tenant, self._total:
                yield
        finally:
            self._left(of_host)
            self._left(of_tenant)

    def _free(self, key: tuple[str, str], cap: int) -> asyncio.Semaphore:
        """Return the semaphore of a name, one user more of it."""
        turnstile = self._turnstiles.get(key)
        if turnstile is None:
            turnstile = self._turnstiles[key] = _Turnstile(asyncio.Semaphore(cap))
        turnstile.users += 1
        return turnstile.free

    def _left(self, key: tuple[str, str]) -> None:
        turnstile = self._turnstiles[key]
        turnstile.users -= 1
        if turnstile.users == 0:
            del self._turnstiles[key]
