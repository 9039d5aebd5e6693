"""TLS for checks: contexts that verify, one per CA bundle, and what a failed handshake means to a person."""

from __future__ import annotations

import re
import ssl
from collections import OrderedDict
from hashlib import blake2b, sha256
from secrets import token_bytes

from integrations_hub.connector.client_certificate import ClientCertificate
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.phases import TimedContext
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["TlsContexts", "explain_page", "explain_tls", "verifying_context"]

_KEPT = 64  # contexts; each bundle and each client certificate is one, and a tenant may have thousands of integrations


class TlsContexts:
    """The TLS contexts of one worker, made when first needed; the least used are forgotten.

    Found again by the digest of the CA bundle and the owner of the client certificate. A certificate that has changed
    takes the place of the one before, whose key is thereby forgotten.
    """

    def __init__(self) -> None:
        """Start empty: a context made at import would be shared by every process forked from it."""
        self._contexts: OrderedDict[tuple[bytes, str], tuple[bytes, ssl.SSLContext]] = OrderedDict()
        self._fingerprint_key = b""

    def get(self, ca_bundle: str | None, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
        """Return the context for a CA bundle in PEM (None: the system's trust store) and a client certificate.

        Raises:
            CheckFailed: `invalid_config` when the bundle holds no certificate, or the client's cannot be used.
        """
        digest = sha256(ca_bundle.encode()).digest() if ca_bundle else b""
        place = (digest, certificate.owner if certificate else "")
        fingerprint = self._fingerprint(certificate)
        kept, context = self._contexts.pop(place, (b"", None))
        if context is None or kept != fingerprint:
            context = verifying_context(ca_bundle)
            if certificate:
                certificate.load_into(context)
        self._contexts[place] = (fingerprint, context)
        if len(self._contexts) > _KEPT:
            self._contexts.popitem(last=False)
        return context

    def _fingerprint(self, certificate: ClientCertificate | None) -> bytes:
        if certificate is None:
            return b""
        # keyed, by a key that dies with the process, so that it tells nothing of the private key
        self._fingerprint_key = self._fingerprint_key or token_bytes(32)
        parts = (certificate.chain.reveal(), certificate.private_key.reveal())
        return blake2b("\0".join(parts).encode(), key=self._fingerprint_key, digest_size=16).digest()


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


# Alerts by which a server judges the client's certificate (RFC 8446 §6.2), in OpenSSL's words and after its prefix.
_REFUSED = re.compile(
    r"_ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)$"
)


_DEMANDED = ("the server demands a client certificate", "Name the secret that holds it in clientCertificateRef.")
_NOT_TRUSTED = (
    "Check that the certificate named in clientCertificateRef is current, and issued by whom the server trusts."
)


def explain_page(status: int, body: bytes) -> CheckFailed | None:
    """Return what nginx says in a page, where others send an alert: it judges client certificates by HTTP 400.

    https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors
    """
    if status != 400 or len(body) > 4096:  # noqa: PLR2004 - its own pages are a few hundred bytes
        return None
    if b"No required SSL certificate was sent" in body:
        return CheckFailed(Reason.TLS_ERROR, *_DEMANDED, step=StepName.TLS)
    if b"The SSL certificate error" in body:
        return CheckFailed(
            Reason.TLS_ERROR, "the server refused the client certificate", _NOT_TRUSTED, step=StepName.TLS
        )
    return None


def explain_tls(error: BaseException) -> CheckFailed:
    """Return what a failed handshake means: `tls_error`, and which kind."""
    if isinstance(error, ssl.SSLCertVerificationError):
        evidence, remedy = _CAUSES.get(error.verify_code, _UNTRUSTED)
    elif isinstance(error, ssl.SSLError):
        evidence, remedy = _disagreement(error.reason or "unknown")
    else:
        evidence, remedy = "the connection was closed during the handshake", "Look at the provider's TLS settings."
    return CheckFailed(Reason.TLS_ERROR, evidence, remedy, step=StepName.TLS)


def _disagreement(reason: str) -> tuple[str, str]:
    refused = _REFUSED.search(reason)
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return "the port does not speak TLS", "Use the provider's HTTPS port, or http:// if it has none."
    if reason.endswith("_ALERT_CERTIFICATE_REQUIRED"):
        return _DEMANDED
    if refused:
        return f"the server refused the client certificate: {_words(refused[1])}", _NOT_TRUSTED
    if reason.endswith("_ALERT_HANDSHAKE_FAILURE"):
        return (
            "the server broke off the handshake",
            "If it demands a client certificate, name one in clientCertificateRef; else look at its TLS settings.",
        )
    remedy = "The hub needs TLS 1.2 or newer; look at the provider's TLS settings."
    return f"no TLS agreement: {_words(reason)}", remedy


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ")
