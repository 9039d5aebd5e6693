"""The SDK's bounded HTTP sender: a provider may hang, flood, redirect or lie, and costs one check its seconds.

A `Sender` is bound to one check of one integration: one base URL it never leaves, one deadline, and the secrets it
sent, which nothing it returns or raises will show.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from time import monotonic

import aiohttp
from yarl import URL

from integrations_hub.connector.answer import Answer, Headers, quota_rest_s
from integrations_hub.connector.base_url import BaseUrl
from integrations_hub.connector.client_certificate import ClientCertificate
from integrations_hub.connector.coding import decode_body, too_large
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.failures import explain_failure
from integrations_hub.connector.phases import CLOCK, Phase, PhaseClock
from integrations_hub.connector.proxy_failures import proxy_status
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub.connector.request_fields import USER_AGENT, Authorization, RequestFields
from integrations_hub.connector.results import Endpoint, Target
from integrations_hub.connector.second_look import Look, Spot, worth_a_look
from integrations_hub.connector.tls import explain_page
from integrations_hub.connector.transport import Limits, Transport

__all__ = ["Limits", "Sender", "Transport"]

_connecting_within = lru_cache(lambda seconds: aiohttp.ClientTimeout(connect=seconds))
_PROXY_AUTHENTICATION = 407
_SLOW = "Look at the provider's load: each of its answers came, but late."


class Sender:
    """Sends the requests of one check. The deadline of `limits.check_s` runs from here."""

    certificate_ends_at: datetime | None
    quota_rest_s: float | None

    def __init__(
        self,
        transport: Transport,
        endpoint: Endpoint,
        limits: Limits | None = None,
        client_certificate: ClientCertificate | None = None,
        check_s: float | None = None,
    ) -> None:
        """Bind to one endpoint, with the certificate its `client_certificate_ref` names; nothing is opened.

        `check_s` is what is left of the limits' own.
        """
        self.certificate_ends_at = None
        self.quota_rest_s = None
        self._transport = transport
        self._endpoint = endpoint
        self._base = BaseUrl(endpoint.url)
        self._limits = limits or Limits()
        self._deadline = monotonic() + (self._limits.check_s if check_s is None else check_s)
        self._client_certificate = client_certificate
        self._fields = RequestFields()
        self._phases: list[Phase] = []
        self._clock = PhaseClock()
        self._tls: ssl.SSLContext | None = None

    def beyond(self, url: str, allowed: Iterable[str]) -> Sender:
        """Return a sender for another address: same deadline, guard, trust and secrets. See `Access.beyond`.

        Raises:
            CheckFailed: `wrong_product` when it is neither on the endpoint's own site nor listed in `allowed`, or when
                it is not https and the endpoint is.
        """
        other = self._base.beyond(url, allowed)
        shown = self._client_certificate
        if shown and not shown.may_go_beyond(self._base.host, str(Target.of_url(other))):
            shown = None
        left_s = self._left(self._limits.check_s)
        sender = Sender(self._transport, replace(self._endpoint, url=other), self._limits, shown, left_s)
        sender._fields = self._fields
        return sender

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: Authorization | None = None,
    ) -> Answer:
        """GET a path below the base (empty: the base itself), or an absolute URL inside it. See `request`."""
        return await self.request("GET", path, params=params, headers=headers, auth=auth)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: Authorization | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request; a redirect of a GET or HEAD is followed by hand, inside the base only.

        `auth` is user and password for HTTP Basic (RFC 7617), or a bearer token (RFC 6750); `content` is a body as it
        is sent.
        Any status is an answer: `judge_status` reads it.

        Raises:
            CheckFailed: `dns_error`, `connect_error`, `tls_error`, `timeout`, `egress_denied`, `server_error`,
                `wrong_product` or `invalid_config`, with the step it happened in.
        """
        url, fields = self._base.join(path, params), self._fields.build(headers or {}, auth)
        for _ in range(self._limits.redirects + 1):
            answer = await self._exchange(method, url, fields, content)
            # raised here, not where it was caught: the library's exceptions hold the request's header fields
            if isinstance(answer, CheckFailed):
                raise answer
            onward = self._base.redirection(url, answer) if method in {"GET", "HEAD"} else None
            if onward is None:
                return answer
            url = onward
        raise CheckFailed(Reason.WRONG_PRODUCT, "it redirects in circles", "Check the endpoint and proxies before it.")

    def take_phases(self) -> tuple[Phase, ...]:
        """Return the phases of connections opened since the last call; a reused connection has none."""
        phases, self._phases = tuple(self._phases), []
        return phases

    @property
    def step_under_way(self) -> StepName | None:
        """Return the connection's phase under way, None outside one."""
        return self._clock.current

    async def _exchange(
        self, method: str, url: URL, fields: Mapping[str, str], content: bytes | None
    ) -> Answer | CheckFailed:
        if self._left(self._limits.request_s) <= 0:
            return CheckFailed(Reason.TIMEOUT, "the check's time was up before this request", _SLOW)
        try:
            clock = self._clock = PhaseClock(self._transport.route(self._endpoint))
        except CheckFailed as failure:
            return failure.with_traceback(None)
        token = CLOCK.set(clock)
        try:
            async with asyncio.timeout(self._left(self._limits.request_s)):
                answer = await self._send(clock, method, url, fields, content)
                clock.sockets.clear()  # the connection is the session's now
                return answer
        except CheckFailed as failure:
            return failure.with_traceback(None)
        except (aiohttp.ClientError, OSError) as error:
            failed = explain_failure(error, clock, self._base.host)
            look = worth_a_look(error, failed, clock)
        finally:
            CLOCK.reset(token)
            clock.cut_off()
            self._phases.extend(clock.ended)
            self.certificate_ends_at = clock.certificate_ends_at or self.certificate_ends_at
        return failed if look is None else await self._better_known(failed, look, clock)

    async def _send(
        self, clock: PhaseClock, method: str, url: URL, fields: Mapping[str, str], content: bytes | None
    ) -> Answer:
        async with self._transport.session().request(
            method,
            url,
            headers=fields,
            data=content,
            allow_redirects=False,
            ssl=self._context(),
            proxy=clock.proxy,
            proxy_headers={"User-Agent": USER_AGENT} if clock.proxy else None,
            timeout=_connecting_within(self._limits.connect_s),
        ) as response:
            return await self._answer(clock, response)

    async def _answer(self, clock: PhaseClock, response: aiohttp.ClientResponse) -> Answer:
        if clock.proxy and response.status == _PROXY_AUTHENTICATION:
            raise proxy_status(response.status)
        headers = Headers(response.headers.items())
        self.quota_rest_s = quota_rest_s(response.headers) or self.quota_rest_s
        body = await self._read(response)
        plain = decode_body(body, headers.get("content-encoding", ""), self._limits.body_bytes)
        refused = explain_page(response.status, plain)
        if refused:
            raise refused
        return Answer(response.status, headers, plain, "" if response.ok else self._excerpt(headers, plain))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise too_large(self._limits.body_bytes)
        return bytes(body)

    async def _better_known(self, failure: CheckFailed, look: Look, clock: PhaseClock) -> CheckFailed:
        """Return the failure as a second look sees it."""
        wait_s = self._left(self._limits.connect_s)
        if wait_s <= 0:
            return failure
        context = self._context()
        token = CLOCK.set(PhaseClock())
        try:
            spot = Spot(self._transport.open_socket, clock.tried[-1], self._base.host, context, wait_s)
            return await look(spot, failure)
        finally:
            CLOCK.reset(token)

    def _context(self) -> ssl.SSLContext:
        """Return the TLS context, found once: its place is the digest of a CA bundle, which may be long."""
        if self._tls is None:
            self._tls = self._transport.tls.get(self._endpoint.ca_bundle, self._client_certificate)
        return self._tls

    def _left(self, at_most: float) -> float:
        return min(at_most, self._deadline - monotonic())

    def _excerpt(self, headers: Headers, body: bytes) -> str:
        if headers.get("content-type", "").lower().startswith("text/html"):
            return "an HTML page"
        return excerpt(body.decode("utf-8", "replace"), self._fields.secrets)
