"""A second connection to where the first one failed, to say better why. Nothing but a handshake is sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import ClientConnectorCertificateError

from integrations_hub.connector.certificate import describe_certificate
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.phases import AddressInfo, PhaseClock
from integrations_hub.connector.proxy_failures import proxy_unanswered
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.tls import explain_tls

__all__ = ["Look", "Spot", "worth_a_look"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look: how sockets are opened, the address, its host, the TLS context, and for how many seconds."""

    open_socket: Callable[[AddressInfo], socket.socket]
    address: AddressInfo
    host: str
    context: ssl.SSLContext
    wait_s: float


Look = Callable[[Spot, CheckFailed], Awaitable[CheckFailed]]


def worth_a_look(error: Exception, failure: CheckFailed, clock: PhaseClock) -> Look | None:
    """Return how to learn more of a failure, None when there is nothing to learn."""
    if not clock.tried:
        return None
    if clock.proxy:
        return _is_the_proxy_there if failure.step is StepName.CONNECT and isinstance(error, TimeoutError) else None
    if isinstance(error, ClientConnectorCertificateError):
        return _whose_certificate
    closed = failure.reason is Reason.SERVER_ERROR and failure.step is None
    return _which_alert if closed and clock.handshake else None


async def _is_the_proxy_there(spot: Spot, failure: CheckFailed) -> CheckFailed:
    """Tell a proxy that does not answer from one that waits for the provider."""
    try:
        async with asyncio.timeout(spot.wait_s):
            (await _connect(spot)).close()
    except OSError:
        return proxy_unanswered()
    return failure


async def _whose_certificate(spot: Spot, failure: CheckFailed) -> CheckFailed:
    """Say what the certificate says that did not verify."""
    # the verified attempt has already failed: this context carries no request and no credential
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(spot.wait_s):
            _, writer = await _shake_hands(spot, context)
            handshake: ssl.SSLObject = writer.get_extra_info("ssl_object")
            names = describe_certificate(handshake.getpeercert(binary_form=True) or b"")
            writer.transport.abort()
    except (OSError, ValueError):
        return failure  # the verdict stands without them
    return CheckFailed(failure.reason, f"{failure.evidence}; {names}", failure.remedy, step=failure.step)


async def _which_alert(spot: Spot, failure: CheckFailed) -> CheckFailed:
    """Listen for the alert that a reset connection swallowed.

    In TLS 1.3 a server judges the client's certificate when the client is already sending its request; it then closes
    a connection with unread bytes in it, and TCP throws away what was to be read before.
    """
    try:
        async with asyncio.timeout(spot.wait_s):
            reader, writer = await _shake_hands(spot, spot.context)
            try:
                await reader.read(1)
            finally:
                writer.transport.abort()
    except ssl.SSLError as alert:
        return explain_tls(alert)
    except OSError:
        pass  # the verdict stands
    return failure


async def _shake_hands(spot: Spot, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    opened = await _connect(spot)
    try:
        return await asyncio.open_connection(sock=opened, ssl=context, server_hostname=spot.host)
    except BaseException:
        opened.close()
        raise


async def _connect(spot: Spot) -> socket.socket:
    opened = spot.open_socket(spot.address)
    try:
        opened.setblocking(False)  # noqa: FBT003 - the standard library's signature
        await asyncio.get_running_loop().sock_connect(opened, spot.address[4])
    except BaseException:
        opened.close()
        raise
    return opened
