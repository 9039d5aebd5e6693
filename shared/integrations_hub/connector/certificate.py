"""A second look at a certificate that did not verify, to say whose it is. Nothing but the handshake is sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from integrations_hub.connector.phases import AddressInfo
from integrations_hub.connector.redaction import excerpt

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
    """Say whom a certificate names, who issued it and when it ends; at most 256 characters."""
    from cryptography import x509  # noqa: PLC0415 - only a failed handshake needs it

    certificate = x509.load_der_x509_certificate(der)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        shown = [certificate.subject.rfc4514_string()]
    else:
        dns, addresses = names.get_values_for_type(x509.DNSName), names.get_values_for_type(x509.IPAddress)
        shown = [*dns, *map(str, addresses)]
    more = f" and {len(shown) - _NAMES} more" if len(shown) > _NAMES else ""
    listed = ", ".join(shown[:_NAMES]) + more
    issuer, ends = certificate.issuer.rfc4514_string(), certificate.not_valid_after_utc
    return excerpt(f"it names {listed or 'nobody'}; issued by {issuer}; valid until {ends:%Y-%m-%d}", (), 256)
