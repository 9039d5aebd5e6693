"""What every case works with: the subject's connector, asked at a provider that is well or made ill."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web

from integrations_hub.connector.contract import CredentialNeed
from integrations_hub.connector.http import Limits, Transport
from integrations_hub.connector.testing.calls import CALM, Call, Caller, checks, run
from integrations_hub.connector.testing.outcome import Outcome, fail
from integrations_hub.connector.testing.server import Fault, Served, serving
from integrations_hub.connector.testing.subject import AnyConnector, Subject

__all__ = ["CANARY", "OTHER_CANARY", "Harness"]

CANARY = "not-a-real-secret-canary-1"
OTHER_CANARY = "not-a-real-secret-canary-2"


class Harness(Subject):
    """Asks the connector. Every method here may be used in a connector's own tests too."""

    @contextmanager
    def provider_running(
        self, fault: Fault | None = None, since: int = 0, tls: ssl.SSLContext | None = None
    ) -> Iterator[Served]:
        """Serve the provider, with a fault from the request number `since` on; without a network there is none."""
        if not self.network:
            yield Served(_nobody, None, 0)
            return
        with serving(self.provider(self.secret(CANARY)), fault=fault, since=since, tls=tls) as served:
            yield served

    def caller(
        self,
        url: str,
        *,
        canary: str = CANARY,
        connector: AnyConnector | None = None,
        fields: Mapping[str, str] | None = None,
        limits: Limits = CALM,
    ) -> Caller:
        """Return who asks: a fresh instance, unless one is given."""
        secret = self.secret(canary) if self.has_credential() else {}
        chosen = secret if fields is None else fields
        return Caller(connector or self.connector(), self.config(url), chosen, limits)

    def ask(self, call: Call, fault: Fault | None = None, since: int = 0, limits: Limits = CALM) -> Outcome:
        """Ask once."""
        with self.provider_running(fault, since) as served:
            return self.asked(call, self.caller(served.url, limits=limits))

    def asked(self, call: Call, caller: Caller) -> Outcome:
        """Ask once, of a provider that is running."""

        async def work(transport: Transport) -> Outcome:
            return await call(caller, transport)

        return run(work)

    def each_request(self, call: Call = checks, *, bodies: bool = False) -> list[int]:
        """Return the numbers of the requests a call makes of a provider that is well.

        With `bodies`, of those only that are answered with a body: a HEAD is not.
        """
        with self.provider_running() as served:
            outcome = self.asked(call, self.caller(served.url))
        if outcome.raised or not served.requests:
            fail("The provider is well, but the connector did not get through it; mend that case first.", outcome)
        return [nth for nth, seen in enumerate(served.requests) if not bodies or seen.method != "HEAD"]

    def sweep(
        self, fault: Fault, call: Call = checks, limits: Limits = CALM, *, bodies: bool = False
    ) -> Iterator[tuple[str, Outcome]]:
        """Yield what comes of a fault that begins with the first request, with the second, and so on."""
        for since in self.each_request(call, bodies=bodies):
            yield f"from request {since + 1} on", self.ask(call, fault, since, limits)

    def has_credential(self) -> bool:
        """Tell whether the connector takes a secret."""
        return self.connector.credential is not CredentialNeed.NONE

    def has_ca_bundle(self) -> bool:
        """Tell whether the config takes the authority of the provider's certificate."""
        return "ca_bundle" in self.connector.config_model.model_fields


async def _nobody(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound
