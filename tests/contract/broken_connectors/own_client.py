"""What some of the broken connectors send requests with: a client of their own, each lax in another way."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

LIMIT = 1 << 16


@dataclass(frozen=True)
class Lax:
    """How lax it is; as it stands it is not."""

    follow: bool = False
    read: bool = True
    limit: bool = True
    unpack: bool = False
    half: bool = False
    silence_s: float | None = None
    tls: ssl.SSLContext | bool = True


async def own_get(access: Any, url: str, lax: Lax) -> Answer:
    """GET an address with the credential, however lax."""
    verdict = CheckFailed(Reason.SERVER_ERROR, "it broke off", "Look at the provider's logs.")
    try:
        return await _get(access, url, lax)
    except aiohttp.ClientConnectorCertificateError:
        verdict = CheckFailed(Reason.TLS_ERROR, "the certificate is not to be believed", "Look at it.")
    except aiohttp.SocketTimeoutError:
        if lax.silence_s:
            return Answer(200, Headers(), b'{"login": "nobody"}')
        verdict = CheckFailed(Reason.TIMEOUT, "no answer", "Look at the provider's load.")
    except aiohttp.ClientError:
        pass
    raise verdict


async def _get(access: Any, url: str, lax: Lax) -> Answer:
    (token,) = access.credential.require("token")
    if not token.reveal().isprintable():
        raise CheckFailed(Reason.INVALID_CONFIG, "the token holds a line break", "Store it again.")
    headers = {"Authorization": f"Bearer {token.reveal()}"} | ({} if lax.unpack else {"Accept-Encoding": "identity"})
    timeout = aiohttp.ClientTimeout(total=30, sock_read=lax.silence_s)
    async with (
        aiohttp.ClientSession(auto_decompress=lax.unpack, timeout=timeout) as session,
        session.get(url, headers=headers, allow_redirects=lax.follow, ssl=lax.tls) as response,
    ):
        return Answer(response.status, Headers(response.headers.items()), await _body(response, lax))


async def _body(response: aiohttp.ClientResponse, lax: Lax) -> bytes:
    body = b""
    if not lax.read:
        return b'{"login": "nobody"}'
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if lax.limit and len(body) > LIMIT:
                raise CheckFailed(Reason.WRONG_PRODUCT, "too much", "Check the endpoint.")
    except aiohttp.ClientPayloadError:
        if not lax.half:
            raise
        return b'{"login": "nobody"}'
    return body
