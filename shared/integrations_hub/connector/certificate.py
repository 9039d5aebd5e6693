"""What a certificate says of itself, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations_hub.connector.redaction import excerpt

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["describe_certificate"]

_NAMES = 5


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
