"""TLS for checks: contexts that verify, one per CA bundle, and what a failed handshake means to a person."""

from __future__ import annotations

import ssl
from collections import OrderedDict
from hashlib import sha256

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.phases import TimedContext
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["TlsContexts", "explain_tls", "verifying_context"]

_KEPT = 64  # contexts; each bundle is one, and a tenant may have thousands of integrations


class TlsContexts:
    """The TLS contexts of one worker, made when first needed and found again by the digest of their CA bundle."""

    def __init__(self) -> None:
        """Start empty: a context made at import would be shared by every process forked from it."""
        self._contexts: OrderedDict[bytes, ssl.SSLContext] = OrderedDict()

    def get(self, ca_bundle: str | None) -> ssl.SSLContext:
        """Return the context for a CA bundle in PEM; None stands for the system's trust store.

        Raises:
            CheckFailed: `invalid_config` when the bundle holds no certificate.
        """
        digest = sha256((ca_bundle or "").encode()).digest()
        context = self._contexts.get(digest) or verifying_context(ca_bundle)
        self._contexts[digest] = context
        self._contexts.move_to_end(digest)
        if len(self._contexts) > _KEPT:
            self._contexts.popitem(last=False)
        return context


def verifying_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Make a context that verifies chain and name, against the bundle *instead of* the system's store (as curl does).

    Raises:
        CheckFailed: `invalid_config` when the bundle holds no certificate.
    """
    context = TimedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if not ca_bundle:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=ca_bundle)
    except (ssl.SSLError, ValueError):
        raise CheckFailed(
            Reason.INVALID_CONFIG,
            "caBundle holds no readable certificate",
            "Give the certificates of the issuing authority as PEM text.",
            step=StepName.TLS,
        ) from None
    return context


# OpenSSL's X509_V_ERR_* numbers (openssl-verification-options(1)); the messages are for people, not for programs.
_CAUSES = {
    9: ("the certificate is not valid yet", "Check the clocks of the provider and of the hub."),
    10: ("the certificate has expired", "Renew the certificate at the provider."),
    62: ("the certificate is for another name", "Use a name the certificate bears, or have it issued for this one."),
    64: ("the certificate is not for this address", "Use the host name the certificate bears as endpoint."),
}
_UNTRUSTED = (
    "the certificate's issuer is not trusted",
    "If the issuer is your own authority, put its certificate into caBundle; else have the server send its full chain.",
)


def explain_tls(error: BaseException) -> CheckFailed:
    """Return what a failed handshake means: `tls_error`, and which kind."""
    if isinstance(error, ssl.SSLCertVerificationError):
        evidence, remedy = _CAUSES.get(error.verify_code, _UNTRUSTED)
    elif isinstance(error, ssl.SSLError) and error.reason in {
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "RECORD_LAYER_FAILURE",
    }:
        evidence, remedy = "the port does not speak TLS", "Use the provider's HTTPS port, or http:// if it has none."
    elif isinstance(error, ssl.SSLError):
        evidence = f"no TLS agreement: {(error.reason or 'unknown').lower().replace('_', ' ')}"
        remedy = "The hub needs TLS 1.2 or newer; look at the provider's TLS settings."
    else:
        evidence, remedy = "the connection was closed during the handshake", "Look at the provider's TLS settings."
    return CheckFailed(Reason.TLS_ERROR, evidence, remedy, step=StepName.TLS)
