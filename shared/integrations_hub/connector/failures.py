"""From what goes wrong on the network to why a check failed. Evidence never holds a URL, a header or a body."""

from __future__ import annotations

import errno
import os
import ssl

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientPayloadError,
    ClientResponseError,
    InvalidURL,
)

from integrations_hub.connector.egress import Refusal
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.phases import PhaseClock
from integrations_hub.connector.proxy_failures import explain_proxy
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.tls import explain_tls

__all__ = ["egress_denied", "explain_failure"]

# of connect(2) and socket(2): out of descriptors, memory, ports or routes on this side
_OURS = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EADDRNOTAVAIL,
    errno.ENETDOWN,
    errno.ENETUNREACH,
}


def explain_failure(error: Exception, clock: PhaseClock, host: str) -> CheckFailed:
    """Return the verdict on an exchange that did not yield an answer; the step is the phase that was under way."""
    if clock.refused and not clock.tried:
        worst = next((refusal for refusal in clock.refused if refusal.final), clock.refused[0])
        return egress_denied(worst, "the proxy" if clock.proxy else host)
    if clock.proxy and clock.current is StepName.CONNECT:
        return explain_proxy(error)
    if isinstance(error, TimeoutError):
        return _timeout(clock)
    if isinstance(error, ClientConnectorDNSError):
        return _dns_error(error, host)
    if isinstance(error, ClientConnectorError | ClientConnectorCertificateError):
        return _no_connection(error, clock, host)
    return _no_answer(error)


def egress_denied(refusal: Refusal, host: str) -> CheckFailed:
    """Return the verdict on a host that the egress policy refuses."""
    opened = f"If the hub is meant to reach it, the operator adds {refusal.network} or a part of it to EGRESS_ALLOW."
    remedy = "No setting opens this range." if refusal.final else opened
    evidence = f"{host} is in a range checks may not reach: {refusal}"
    return CheckFailed(Reason.EGRESS_DENIED, evidence, remedy, step=StepName.CONNECT)


def _timeout(clock: PhaseClock) -> CheckFailed:
    doing = {
        StepName.RESOLVE: ("the name was not resolved in time", "Look at the DNS servers of the name and of the hub."),
        StepName.CONNECT: ("no TCP connection in time", "Look for a firewall between the hub and the provider."),
        StepName.TLS: ("no TLS handshake in time", "Look at the load of the provider or of what stands before it."),
    }
    evidence, remedy = doing.get(
        clock.current or StepName.PRODUCT, ("connected, but no whole answer in time", "Look at the provider's load.")
    )
    return CheckFailed(Reason.TIMEOUT, evidence, remedy, step=clock.current)


def _dns_error(error: ClientConnectorDNSError, host: str) -> CheckFailed:
    why = os.fsdecode(error.os_error.strerror or "unknown").lower()
    remedy = "Check the spelling of the host, and that the hub's DNS servers know it."
    return CheckFailed(Reason.DNS_ERROR, f"{host}: {why}", remedy, step=StepName.RESOLVE)


def _no_connection(
    error: ClientConnectorError | ClientConnectorCertificateError, clock: PhaseClock, host: str
) -> CheckFailed:
    if isinstance(error, ClientConnectorCertificateError):
        return explain_tls(error.certificate_error)
    if isinstance(error, ClientConnectorSSLError) or clock.current is StepName.TLS:
        return explain_tls(error.os_error)
    number = error.os_error.errno
    if number in _OURS:
        remedy = "Look at the hub's own network, routes and limits; this says nothing about the provider."
        return CheckFailed(Reason.EGRESS_DOWN, os.strerror(number).lower(), remedy, step=StepName.CONNECT)
    why = os.strerror(number).lower() if number else "no address answered"
    remedy = "Check host and port, that the provider is up, and that a firewall lets the hub through."
    return CheckFailed(Reason.CONNECT_ERROR, f"{host}: {why}", remedy, step=StepName.CONNECT)


def _no_answer(error: Exception) -> CheckFailed:
    if isinstance(error.__cause__, ssl.SSLError):
        return explain_tls(error.__cause__)  # an alert on a connection that stood
    # the parser's own messages quote the stranger's bytes, so none is repeated
    if isinstance(error, InvalidURL):
        return CheckFailed(Reason.INVALID_CONFIG, "the address is not a valid URL", "Correct the endpoint.")
    if isinstance(error, ClientResponseError):
        evidence = "the answer is not HTTP, or its header fields are over the limit"
        return CheckFailed(Reason.WRONG_PRODUCT, evidence, "Check the endpoint's host and port.")
    broke = "broke off in the middle" if isinstance(error, ClientPayloadError) else "was closed without an answer"
    remedy = "Look at the provider's logs and at proxies before it; the hub tries again by itself."
    return CheckFailed(Reason.SERVER_ERROR, f"the connection {broke}", remedy)
