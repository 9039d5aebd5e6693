"""What a worker's checks share: one HTTP session, the guard over every address, and the TLS contexts."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import is_ip_address
from aiohttp.tracing import Trace
from yarl import URL

from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.failures import egress_denied
from integrations_hub.connector.phases import CLOCK, AddressInfo
from integrations_hub.connector.proxies import ProxyPolicy, judge_behind
from integrations_hub.connector.results import Endpoint
from integrations_hub.connector.tls import TlsContexts

__all__ = ["Limits", "Transport"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one check may cost: seconds in all, per request and per connection; bytes of a body after decoding."""

    check_s: float = 20.0
    request_s: float = 10.0
    connect_s: float = 3.0
    body_bytes: int = 1 << 20
    redirects: int = 3


class Transport:
    """One per worker and event loop. The session is made when first asked for, inside the running loop."""

    def __init__(
        self,
        policy: EgressPolicy,
        proxies: ProxyPolicy | None = None,
        resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver,
    ) -> None:
        """Hold the policies; nothing is opened. `resolver` makes what looks names up, by default the system's."""
        self.tls = TlsContexts()
        self._policy = policy
        self._proxies = proxies or ProxyPolicy()
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Return the session; call it on the event loop it is to live on."""
        if self._session is None or self._session.closed:
            connector = _TimedConnector(
                socket_factory=self.open_socket,
                resolver=_FewAddresses(self._resolver()),
                keepalive_timeout=2,  # for the requests of one check; the next is minutes away, and sockets are few
                limit=0,  # whoever starts checks bounds them; a queue here would eat the connection's three seconds
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),  # a session cookie makes Harbor ask for a CSRF token
                trust_env=False,
                auto_decompress=False,  # decoded under our own limit
            )
        return self._session

    async def close(self) -> None:
        """Close the session; the next use opens another."""
        session, self._session = self._session, None
        if session:
            await session.close()

    def route(self, endpoint: Endpoint) -> str | None:
        """Return the proxy a call goes through, None for a direct connection, before anything is connected to.

        Raises:
            CheckFailed: `egress_denied` for a metadata service by name, a proxy the operator does not name, and
                whatever can be judged of a host behind a proxy; `invalid_config` for one readers may differ on.
        """
        host = URL(endpoint.url).raw_host or ""
        proxy = self._proxies.choose(endpoint.proxy, host)
        refusal = self._policy.judge_name(host)
        if proxy and not refusal:
            refusal = judge_behind(self._policy, endpoint.url)
        if refusal:
            raise egress_denied(refusal, host)
        return proxy

    def open_socket(self, info: AddressInfo) -> socket.socket:
        """Open a socket for an address about to be connected, literal or resolved.

        Raises:
            PermissionError: when the policy refuses the address.
        """
        family, kind, protocol, _, address = info
        refusal = self._policy.judge(str(address[0]))
        clock = CLOCK.get()
        if refusal:
            clock.refuse(refusal)
            raise PermissionError(errno.EACCES, "refused by the egress policy")
        clock.try_address(info)
        opened = socket.socket(family, kind, protocol)
        clock.sockets.append(opened)
        return opened


class _TimedConnector(aiohttp.TCPConnector):
    """A connector that tells the current clock when a connection begins and when it is ready for a request.

    The library's tracing tells it, too, and costs every request ten signals more that nobody listens to.
    """

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the base class's signature
    ) -> ResponseHandler:
        clock = CLOCK.get()
        clock.seek(by_address=is_ip_address(req.url.raw_host))
        connection = await super()._create_connection(req, traces, timeout)
        clock.connected()
        return connection


class _FewAddresses(AbstractResolver):
    """A resolver of which, for a name with thousands of addresses, only the first few are tried."""

    def __init__(self, resolver: AbstractResolver) -> None:
        """Hold the resolver that really looks up."""
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve a name."""
        return (await self._resolver.resolve(host, port, family))[:8]

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()
