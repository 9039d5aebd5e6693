"""The settings of Azure Key Vaults, and how the hub logs in at Microsoft Entra."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from integrations_hub.credentials.names import TENANT

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

__all__ = ["AzureSettings"]

_VAULT = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")


class _Login(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _EntraLogin(_Login):
    authority: str | None = Field(None, pattern=r"^[a-z0-9.-]+$")  # of a sovereign cloud: login.microsoftonline.us


class DefaultLogin(_EntraLogin):
    """What azure-identity finds (learn.microsoft.com/python/api/azure-identity): environment, workload, managed."""

    method: Literal["default"] = "default"

    def credential(self, **options: Any) -> TokenCredential:
        """Return the chain; it looks around when it is first asked for a token."""
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - for who really reads a secret

        return DefaultAzureCredential(authority=self.authority, **options)


class ClientSecretLogin(_EntraLogin):
    """An app registration and its secret."""

    method: Literal["client_secret"] = "client_secret"
    tenant_id: str
    client_id: str
    client_secret: SecretStr

    def credential(self, **options: Any) -> TokenCredential:
        """Return the app's credential."""
        from azure.identity import ClientSecretCredential  # noqa: PLC0415 - as above

        secret = self.client_secret.get_secret_value()
        return ClientSecretCredential(self.tenant_id, self.client_id, secret, authority=self.authority, **options)


class WorkloadIdentityLogin(_EntraLogin):
    """A Kubernetes service account's token, traded for Entra's; what is left out comes from the pod's environment."""

    method: Literal["workload_identity"] = "workload_identity"
    tenant_id: str | None = None
    client_id: str | None = None
    token_file: Path | None = None

    def credential(self, **options: Any) -> TokenCredential:
        """Return the workload's credential."""
        from azure.identity import WorkloadIdentityCredential  # noqa: PLC0415 - as above

        if self.token_file:
            options["token_file_path"] = str(self.token_file)
        return WorkloadIdentityCredential(
            tenant_id=self.tenant_id, client_id=self.client_id, authority=self.authority, **options
        )


class ManagedIdentityLogin(_Login):
    """The identity of the machine, or one of several by its client id."""

    method: Literal["managed_identity"] = "managed_identity"
    client_id: str | None = None

    def credential(self, **options: Any) -> TokenCredential:
        """Return the machine's credential."""
        from azure.identity import ManagedIdentityCredential  # noqa: PLC0415 - as above

        return ManagedIdentityCredential(client_id=self.client_id, **options)


AzureLogin = Annotated[
    DefaultLogin | ClientSecretLogin | WorkloadIdentityLogin | ManagedIdentityLogin, Field(discriminator="method")
]


class AzureSettings(BaseModel):
    """Where the vaults are: with `{tenant}` in `vault_url` one per tenant, without it one that all share."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["azure-kv"] = "azure-kv"
    vault_url: str
    login: AzureLogin = DefaultLogin()

    @field_validator("vault_url")
    @classmethod
    def _plain(cls, url: str) -> str:
        name, _, _ = url.removeprefix("https://").partition(".")
        if not _VAULT.fullmatch(url.replace(TENANT, "tenant", 1)) or (TENANT in url and TENANT not in name):
            raise ValueError("must be https:// and the vault's host, with at most one {tenant}, in the vault's name")
        return url
