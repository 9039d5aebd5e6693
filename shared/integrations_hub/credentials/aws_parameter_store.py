"""AWS Systems Manager Parameter Store: `/{prefix}/{tenant}/{path}`, a SecureString.

docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
"""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from integrations_hub.credentials.aws import AwsClients, AwsSettings
from integrations_hub.credentials.policy import tenant_path
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.probing import reached
from integrations_hub.credentials.values import read_text

__all__ = ["ParameterStoreBackend", "ParameterStoreSettings"]


class ParameterStoreSettings(AwsSettings):
    """Parameter Store of one account and region."""

    kind: Literal["aws-ssm"] = "aws-ssm"

    @field_validator("prefix")
    @classmethod
    def _unreserved(cls, prefix: str) -> str:
        if prefix.lower().startswith(("aws", "ssm")):
            raise ValueError("must not begin with aws or ssm, which AWS keeps for itself")
        return prefix


class ParameterStoreBackend:
    """Reads parameters of one account."""

    kind = "aws-ssm"

    def __init__(self, alias: str, settings: ParameterStoreSettings) -> None:
        """Hold the settings; the first read opens a connection."""
        self.alias = alias
        self._prefix = settings.prefix
        self._clients = AwsClients(alias, "ssm", settings)

    def place(self, tenant: str, path: str) -> str:
        """Return the parameter's name.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_path` does.
        """
        return f"/{self._prefix}/{tenant_path(self.alias, tenant, path)}"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return a tenant's parameter; a version is a number or a label.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        name = self.place(tenant, path) + (f":{version}" if version else "")
        found = self._clients.ask(tenant, "get_parameter", Name=name, WithDecryption=True)["Parameter"]
        return StoredSecret(
            read_text(found["Value"]), version=str(found["Version"]), rotated_at=found.get("LastModifiedDate")
        )

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        """Return the version before; versions are numbered from 1.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        return self.read(tenant, path, str(int(version) - 1))

    def probe(self) -> Reach:
        """Ask for a parameter that need not be there."""
        return reached(self)
