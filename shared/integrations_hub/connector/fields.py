"""Field types that connectors' configs share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from integrations_hub.connector.endpoint import proxy_url

__all__ = ["AuthRefUri", "CaBundle", "ProxyUrl", "SecretReference"]


class SecretReference(str):
    """The value of a config's field that names a secret. The hub judges it as it judges `authRefUri`."""

    __slots__ = ()


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

AuthRefUri = Annotated[
    str,
    Field(max_length=512, pattern=r"^authref://", examples=["authref://vault/harbor-mtls"]),
    AfterValidator(SecretReference),
]

ProxyUrl = Annotated[
    str,
    Field(
        max_length=300,
        description="HTTP proxy to connect through, http://host:port; one of those the operator names",
    ),
    AfterValidator(proxy_url),
]
