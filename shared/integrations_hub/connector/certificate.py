"""A second look at a certificate that did not verify, to say whose it is. Nothing but the handshake is sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from integrations_hub.connector.phases import AddressInfo
from integrations_hub.connector.redaction import excerpt

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["describe_certificate", "look_again"]

_NAMES = 5


async def look_again(open_socket: Callable[[AddressInfo], socket.socket], info: AddressInfo, host: str) -> str:
    """Shake hands with an address once more, without verifying, and say what its certificate says.

    Raises:
        OSError: when it does not come to a handshake.
        ValueError: when the certificate cannot be read.
    """
    # the verified attempt has already failed: this context carries no request and no credential
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with open_socket(info) as opened:
        opened.setblocking(False)  # noqa: FBT003 - the standard library's signature
        await asyncio.get_running_loop().sock_connect(opened, info[4])
        _, writer = await asyncio.open_connection(sock=opened, ssl=context, server_hostname=host)
        try:
            handshake: ssl.SSLObject = writer.get_extra_info("ssl_object")
            return describe_certificate(handshake.getpeercert(binary_form=True) or b"")
        finally:
            writer.transport.abort()


def describe_certificate(der: bytes) -> str:
    """Say whom a certificate names, who issued it and when it ends; at most 256 characters.

    Raises:
        ValueError: when it cannot be read.
    """
    from cryptography import x509  # noqa: PLC0415 - only a failed handshake needs it

    try:
        certificate = x509.load_der_x509_certificate(der)
        shown = _alternative_names(certificate) or [certificate.subject.rfc4514_string()]
    except (x509.InvalidVersion, x509.UnsupportedGeneralNameType, x509.DuplicateExtension) as error:
        raise ValueError("the certificate cannot be read") from error
    more = f" and {len(shown) - _NAMES} more" if len(shown) > _NAMES else ""
    listed, ends = ", ".join(shown[:_NAMES]) + more, certificate.not_valid_after_utc
    issuer = certificate.issuer.rfc4514_string()
    return excerpt(f"it names {listed}; valid until {ends:%Y-%m-%d}; issued by {issuer}", (), 256)


def _alternative_names(certificate: Certificate) -> list[str]:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
