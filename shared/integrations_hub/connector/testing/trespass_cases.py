"""A provider that sends the hub somewhere else. The other host is real and notes whatever reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from aiohttp import web

from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import fail
from integrations_hub.connector.testing.server import Fault, Served, serving
from integrations_hub.connector.testing.table import Need, case

__all__ = ["TrespassCases", "elsewhere"]


class TrespassCases(Harness):
    """Cases about redirects and token services of another host."""

    @case(Need.NETWORK)
    def test_follows_no_redirect_to_another_host(self) -> None:
        """A redirect to another host is not followed, and the check does not succeed."""
        for status in (301, 302, 307, 308):
            self._stays(partial(_moved, status), f"{status}")

    @case(Need.NETWORK)
    def test_follows_no_redirect_without_a_scheme(self) -> None:
        """A redirect to `//other-host/…` is not followed either."""
        self._stays(lambda other: _moved(302, other.removeprefix("http:")), "302 without a scheme")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_asks_no_token_service_of_another_host(self) -> None:
        """A 401 that names a token service of another host sends the credential nowhere."""
        self._stays(lambda other: faults.error(lambda: self.error(401), _challenge(other)), "401 with a foreign realm")

    def _stays(self, fault: Callable[[str], Fault], what: str) -> None:
        with elsewhere() as other:
            for when, outcome in self.sweep(fault(other.url), checks):
                if other.requests:
                    fail(f"{what} {when} led the connector to another host: {other.requests[0].target}", outcome)
                if outcome.crashed or not outcome.failed:
                    fail(f"{what} {when}: the check must fail, with a reason.", outcome)


@contextmanager
def elsewhere() -> Iterator[Served]:
    """Serve another host: by name, since an endpoint of the kit's is an address."""
    with serving(_welcome) as served:
        served.url = served.url.replace("127.0.0.1", "localhost")
        yield served


async def _welcome(_request: web.Request) -> web.Response:
    return web.json_response({"token": "not-a-real-token", "access_token": "not-a-real-token"})


def _moved(status: int, other: str) -> Fault:
    return faults.redirect(lambda asked: f"{other}{asked.path_qs}", status)


def _challenge(other: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="{other}/token",service="kit",scope="all"'}
