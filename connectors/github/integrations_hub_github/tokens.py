"""Installation tokens, kept in memory while they last: one is asked for however many checks need it at once.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import time
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.redaction import Secret
from integrations_hub_github.grants import Grant, InstallationToken

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

__all__ = ["InstallationTokens", "TokenKey"]

_SPARE_S = 300.0
_MOST = 10_000


class TokenKey(NamedTuple):
    """What a token is for. Who has the key may have the token, so the tenant is not part of it."""

    api_root: str
    issuer: str
    installation_id: int
    fingerprint: str
    grant: Grant


Mint = Callable[[], Awaitable[InstallationToken]]


class InstallationTokens:
    """The tokens of one process. They age by wall clock, so that a frozen process does not serve old ones."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        """Start empty; `clock` tells seconds since the epoch."""
        self._clock = clock
        self._kept: dict[TokenKey, tuple[float, Secret]] = {}
        self._flights: WeakKeyDictionary[AbstractEventLoop, dict[TokenKey, Future[Secret | CheckFailed]]]
        self._flights = WeakKeyDictionary()

    async def get(self, key: TokenKey, mint: Mint) -> Secret:
        """Return a token that lasts five more minutes, minted now where none is kept; a mint is waited for by all.

        A token that does not last so long is returned to those who waited for it, and not kept.

        Raises:
            CheckFailed: as raised by the mint, for all who waited.
        """
        from asyncio import get_running_loop, wait  # noqa: PLC0415 - who only reads schemas imports no event loop

        flights = self._flights.setdefault(get_running_loop(), {})
        while True:
            until, token = self._kept.get(key, (0.0, None))
            if token and self._clock() < until:
                return token
            flight = flights.get(key)
            if flight is None:
                return await self._lead(flights, key, mint)
            await wait([flight])
            # one that was cancelled took only its own check with it: another of those who waited leads
            if not flight.cancelled():
                return _outcome(flight.result())

    def drop(self, key: TokenKey, token: Secret) -> None:
        """Forget a token that was refused, unless another one has taken its place."""
        if self._kept.get(key, (0.0, None))[1] == token:
            del self._kept[key]

    async def _lead(self, flights: dict[TokenKey, Future[Secret | CheckFailed]], key: TokenKey, mint: Mint) -> Secret:
        from asyncio import get_running_loop  # noqa: PLC0415 - as above

        flight = flights[key] = get_running_loop().create_future()
        try:
            token = await mint()
            self._keep(key, token)
            flight.set_result(token.secret)
        except CheckFailed as failed:
            flight.set_result(failed)
        finally:
            del flights[key]
            flight.cancel()  # does nothing to one that has its result
        return _outcome(flight.result())

    def _keep(self, key: TokenKey, token: InstallationToken) -> None:
        now = self._clock()
        if len(self._kept) >= _MOST:
            self._kept = {one: kept for one, kept in self._kept.items() if now < kept[0]}
        if token.lifetime_s > _SPARE_S and len(self._kept) < _MOST:
            self._kept[key] = (now + token.lifetime_s - _SPARE_S, token.secret)


def _outcome(outcome: Secret | CheckFailed) -> Secret:
    if isinstance(outcome, CheckFailed):
        raise outcome
    return outcome
