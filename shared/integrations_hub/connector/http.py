"""The SDK's bounded HTTP sender: a provider may hang, flood, redirect or lie, and costs one check its seconds.

A `Sender` is bound to one check of one integration: one base URL it never leaves, one deadline, and the secrets it
sent, which nothing it returns or raises will show.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from time import monotonic

import aiohttp
from yarl import URL

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.base_url import BaseUrl
from integrations_hub.connector.certificate import look_again
from integrations_hub.connector.coding import decode_body, too_large
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.failures import explain_failure
from integrations_hub.connector.phases import CLOCK, Phase, PhaseClock
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub.connector.results import Endpoint
from integrations_hub.connector.transport import Limits, Transport

__all__ = ["Limits", "Sender", "Transport"]

_OWN_FIELDS = {"User-Agent": "integrations-hub/0.1", "Accept-Encoding": "gzip", "Accept": "application/json"}
_SLOW = "Look at the provider's load: each of its answers came, but late."


class Sender:
    """Sends the requests of one check. The deadline of `limits.check_s` runs from here."""

    def __init__(self, transport: Transport, endpoint: Endpoint, limits: Limits | None = None) -> None:
        """Bind to one endpoint; nothing is opened."""
        self.certificate_ends_at: datetime | None = None
        self._transport = transport
        self._endpoint = endpoint
        self._base = BaseUrl(endpoint.url)
        self._limits = limits or Limits()
        self._deadline = monotonic() + self._limits.check_s
        self._secrets: set[str] = set()
        self._phases: list[Phase] = []
        self._clock = PhaseClock()

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: tuple[Secret, Secret] | None = None,
    ) -> Answer:
        """GET a path below the base, or an absolute URL inside it. See `request`."""
        return await self.request("GET", path, params=params, headers=headers, auth=auth)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: tuple[Secret, Secret] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request; a redirect of a GET or HEAD is followed by hand, inside the base only.

        `auth` is user and password for HTTP Basic (RFC 7617); `content` is a body as it is sent.
        Any status is an answer: `judge_status` reads it.

        Raises:
            CheckFailed: `dns_error`, `connect_error`, `tls_error`, `timeout`, `egress_denied`, `server_error`,
                `wrong_product` or `invalid_config`, with the step it happened in.
        """
        url, fields = self._base.join(path, params), self._fields(headers or {}, auth)
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
        clock = self._clock = PhaseClock()
        token = CLOCK.set(clock)
        try:
            async with asyncio.timeout(self._left(self._limits.request_s)):
                return await self._send(clock, method, url, fields, content)
        except CheckFailed as failure:
            return failure.with_traceback(None)
        except (aiohttp.ClientError, OSError) as error:
            failed = explain_failure(error, clock, self._base.host)
            unverified = isinstance(error, aiohttp.ClientConnectorCertificateError)
        finally:
            CLOCK.reset(token)
            self._phases.extend(clock.ended)
            self.certificate_ends_at = clock.certificate_ends_at or self.certificate_ends_at
        return await self._with_names(failed, clock) if unverified else failed

    async def _send(
        self, clock: PhaseClock, method: str, url: URL, fields: Mapping[str, str], content: bytes | None
    ) -> Answer:
        async with self._transport.session().request(
            method,
            url,
            headers=fields,
            data=content,
            allow_redirects=False,
            ssl=self._transport.tls.get(self._endpoint.ca_bundle),
            timeout=aiohttp.ClientTimeout(connect=self._limits.connect_s),
            trace_request_ctx=clock,
        ) as response:
            headers = Headers(response.headers.items())
            body = await self._read(response)
            plain = decode_body(body, headers.get("content-encoding", ""), self._limits.body_bytes)
            return Answer(response.status, headers, plain, "" if response.ok else self._excerpt(headers, plain))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise too_large(self._limits.body_bytes)
        return bytes(body)

    async def _with_names(self, failure: CheckFailed, clock: PhaseClock) -> CheckFailed:
        token = CLOCK.set(PhaseClock())
        try:
            async with asyncio.timeout(self._left(self._limits.connect_s)):
                names = await look_again(self._transport.open_socket, clock.tried[-1], self._base.host)
        except (OSError, ValueError):
            return failure  # the verdict stands without them
        finally:
            CLOCK.reset(token)
        return CheckFailed(failure.reason, f"{failure.evidence}; {names}", failure.remedy, step=failure.step)

    def _left(self, at_most: float) -> float:
        return min(at_most, self._deadline - monotonic())

    def _excerpt(self, headers: Headers, body: bytes) -> str:
        if headers.get("content-type", "").lower().startswith("text/html"):
            return "an HTML page"
        return excerpt(body.decode("utf-8", "replace"), self._secrets)

    def _fields(self, headers: Mapping[str, str | Secret], auth: tuple[Secret, Secret] | None) -> dict[str, str]:
        fields = dict(_OWN_FIELDS)
        if auth:
            fields["Authorization"] = self._basic(*auth)
        for name, value in headers.items():
            fields[name] = self._reveal(value) if isinstance(value, Secret) else value
        return fields

    def _basic(self, user: Secret, password: Secret) -> str:
        if ":" in user.reveal():
            raise _unfit("the secret's user name holds a colon", "HTTP Basic cannot carry it; correct the user name.")
        pair = f"{self._reveal(user, hide=False)}:{self._reveal(password)}"
        self._secrets.add(pair)
        return f"Basic {b64encode(pair.encode()).decode()}"

    def _reveal(self, secret: Secret, *, hide: bool = True) -> str:
        text = secret.reveal()
        if not text or not text.isprintable():
            raise _unfit("the secret is empty or holds a control character", "Store it again without line breaks.")
        if hide:
            self._secrets.add(text)
        return text


def _unfit(evidence: str, remedy: str) -> CheckFailed:
    return CheckFailed(Reason.INVALID_CONFIG, evidence, remedy, step=StepName.AUTHENTICATE)
