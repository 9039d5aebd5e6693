"""The kit's own certificate authority, and servers with certificates that should and should not be believed."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import cache

import trustme

__all__ = ["bundle", "server_context"]

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@cache
def _authority(name: str) -> trustme.CA:
    return trustme.CA(organization_name=name)


def bundle() -> str:
    """Return the authority's certificate as PEM text, as `caBundle` takes it."""
    return _authority("kit").cert_pem.bytes().decode()


@cache
def server_context(name: str = "127.0.0.1", *, trusted: bool = True, expired: bool = False) -> ssl.SSLContext:
    """Return a server's TLS context with a certificate for a name."""
    issued = _authority("kit" if trusted else "nobody").issue_cert(name, not_after=_LONG_AGO if expired else None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context
