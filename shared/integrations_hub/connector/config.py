"""The bases of every connector's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from integrations_hub.connector.fields import AuthRefUri, CaBundle, ProxyUrl, SecretReference
from integrations_hub.connector.results import Endpoint

__all__ = ["ConfigT", "ConnectorConfig", "HttpConfig"]


class ConnectorConfig(BaseModel):
    """Base of every connector's config: frozen, unknown fields refused, camelCase on the wire, no secret field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        hide_input_in_errors=True,
    )

    def references(self) -> Mapping[str, str]:
        """Return the secrets the config names beside `authRefUri`: AuthRef by field, as it is called on the wire."""
        named = ((to_camel(name), getattr(self, name)) for name in type(self).model_fields)
        return {name: str(value) for name, value in named if isinstance(value, SecretReference)}


class HttpConfig(ConnectorConfig):
    """Base for providers reached by HTTP: where, and how to connect. A connector declares `endpoint` as it reads it."""

    endpoint: str
    ca_bundle: CaBundle | None = None
    client_certificate_ref: AuthRefUri | None = Field(
        default=None,
        description=(
            "Secret with the fields certificate (PEM, the client's first) and private_key (PEM), "
            "for a server that demands a client certificate"
        ),
    )
    proxy: ProxyUrl | None = None

    @model_validator(mode="after")
    def _presentable(self) -> Self:
        if self.client_certificate_ref and self.endpoint.startswith("http://"):
            raise ValueError("clientCertificateRef needs an endpoint with https://: without TLS nobody asks for it.")
        return self

    def to_endpoint(self) -> Endpoint:
        """Return the root of the provider's API, with what connecting to it takes."""
        return Endpoint(self.endpoint, self.ca_bundle, self.client_certificate_ref, self.proxy)


ConfigT = TypeVar("ConfigT", bound=ConnectorConfig)
