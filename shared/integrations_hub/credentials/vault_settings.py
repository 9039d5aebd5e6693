"""The settings of one Vault or OpenBao server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from integrations_hub.credentials.vault_aws_login import AwsLogin
from integrations_hub.credentials.vault_login import AppRoleLogin, JwtLogin, KubernetesLogin, TokenLogin

__all__ = ["VaultSettings"]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PLAIN = r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$"

Login = Annotated[TokenLogin | AppRoleLogin | JwtLogin | KubernetesLogin | AwsLogin, Field(discriminator="method")]


class VaultSettings(BaseModel):
    """Where a server is, how the hub logs in, and how its tenants are told apart.

    `tenancy`: `path` keeps a tenant's secrets below `{mount}/{prefix}/{tenant}/`; `namespace` gives each tenant a
    namespace of its own, below `namespace` if that is set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["vault"] = "vault"
    url: str
    login: Login
    mount: str = Field("secret", pattern=_PLAIN)
    kv_version: Literal[1, 2] = 2
    tenancy: Literal["path", "namespace"] = "path"
    prefix: str = Field("tenants", pattern=_PLAIN)
    namespace: str | None = Field(None, pattern=_PLAIN)
    ca_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
            raise ValueError("must begin with https:// (http:// on loopback only)")
        if not parts.hostname or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
            raise ValueError("must be scheme, host and port only")
        return url.rstrip("/")
