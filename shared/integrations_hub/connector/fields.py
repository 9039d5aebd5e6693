"""Field types that connectors' configs share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

__all__ = ["CaBundle"]

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def _certificates_only(text: str) -> str:
    """Return PEM text that holds certificates OpenSSL can read.

    Raises:
        ValueError: when it holds none, or one that cannot be read.
    """
    import ssl  # noqa: PLC0415 - most configs name no bundle

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata="\n".join(_CERTIFICATE.findall(text)))
    except (ssl.SSLError, ValueError):
        raise ValueError("Give the issuing authority's certificates as PEM text (BEGIN CERTIFICATE).") from None
    return text


CaBundle = Annotated[
    str,
    Field(
        max_length=65_536, description="Certificates of the issuing authority as PEM text; the system's when left out"
    ),
    AfterValidator(_certificates_only),
]
