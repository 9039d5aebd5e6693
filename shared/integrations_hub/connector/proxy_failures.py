"""Why there is no connection through a proxy: whether the proxy is at fault, refuses, or cannot reach the provider.

A proxy is the operator's, so what is wrong with it is no verdict on the provider (`egress_down`, `egress_denied`).
"""

from __future__ import annotations

import os

from aiohttp import ClientConnectorDNSError, ClientConnectorError, ClientHttpProxyError, ClientResponseError

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["explain_proxy", "proxy_status", "proxy_unanswered"]

_OPERATOR = "Have the operator look at the proxy; this says nothing about the provider."
_UNREACHABLE = {502, 503, 504}


def explain_proxy(error: Exception) -> CheckFailed:
    """Return the verdict on a connection that failed before the provider's TLS began."""
    if isinstance(error, TimeoutError):
        remedy = "Look at whether the proxy reaches the provider, and at the load of both."
        return _failed(Reason.TIMEOUT, "the proxy made no connection in time", remedy)
    if isinstance(error, ClientHttpProxyError):
        return proxy_status(error.status)
    if isinstance(error, ClientConnectorDNSError):
        return _down("its name is not known")
    if isinstance(error, ClientConnectorError):
        number = error.os_error.errno
        return _down(os.strerror(number).lower() if number else "no address answered")
    if isinstance(error, ClientResponseError):
        return _down("what it answers is not HTTP")
    return _down("it closed the connection")


def proxy_status(status: int) -> CheckFailed:
    """Return what a proxy's own refusal means (RFC 9110 §9.3.6, §15.5.8)."""
    if status == 407:  # noqa: PLR2004 - Proxy Authentication Required
        remedy = "Have the operator admit the hub by its address: it sends proxies no user name."
        return _failed(Reason.EGRESS_DENIED, "the proxy demands authentication (HTTP 407)", remedy)
    if status in _UNREACHABLE:
        remedy = "Check host and port, that the provider is up, and that the proxy can resolve and reach it."
        return _failed(Reason.CONNECT_ERROR, f"the proxy cannot reach the provider (HTTP {status})", remedy)
    remedy = "Have the operator look at the proxy's rules for this host and port."
    return _failed(Reason.EGRESS_DENIED, f"the proxy refuses to connect there (HTTP {status})", remedy)


def proxy_unanswered() -> CheckFailed:
    """Return the verdict on a proxy to which there is no TCP connection."""
    return _down("no answer")


def _down(why: str) -> CheckFailed:
    return _failed(Reason.EGRESS_DOWN, f"the proxy: {why}", _OPERATOR)


def _failed(reason: Reason, evidence: str, remedy: str) -> CheckFailed:
    return CheckFailed(reason, evidence, remedy, step=StepName.CONNECT)
