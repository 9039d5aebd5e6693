"""AWS Secrets Manager: `{prefix}/{tenant}/{path}`.

docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

import re
from typing import Literal

from integrations_hub.credentials.aws import AwsClients, AwsSettings
from integrations_hub.credentials.policy import tenant_path
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.probing import reached
from integrations_hub.credentials.values import read_bytes, read_text

__all__ = ["SecretsManagerBackend", "SecretsManagerSettings"]

_VERSION_ID = re.compile(r"[A-Za-z0-9-]{32,64}")  # shorter ones are staging labels: AWSCURRENT, AWSPREVIOUS, own ones


class SecretsManagerSettings(AwsSettings):
    """Secrets Manager of one account and region."""

    kind: Literal["aws-sm"] = "aws-sm"


class SecretsManagerBackend:
    """Reads secrets of one account."""

    kind = "aws-sm"

    def __init__(self, alias: str, settings: SecretsManagerSettings) -> None:
        """Hold the settings; the first read opens a connection."""
        self.alias = alias
        self._prefix = settings.prefix
        self._clients = AwsClients(alias, "secretsmanager", settings)

    def place(self, tenant: str, path: str) -> str:
        """Return the secret's name.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_path` does.
        """
        return f"{self._prefix}/{tenant_path(self.alias, tenant, path)}"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return a tenant's secret; a version is a version id or a staging label.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        chosen = {} if version is None else {_parameter(version): version}
        answer = self._clients.ask(tenant, "get_secret_value", SecretId=self.place(tenant, path), **chosen)
        binary = answer.get("SecretBinary")
        values = read_text(answer.get("SecretString") or "") if binary is None else read_bytes(bytes(binary))
        return StoredSecret(values, version=answer.get("VersionId"), rotated_at=answer.get("CreatedDate"))

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:  # noqa: ARG002 - AWS keeps the one before
        """Return the version labelled AWSPREVIOUS: the one before the current.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        return self.read(tenant, path, "AWSPREVIOUS")

    def probe(self) -> Reach:
        """Ask for a secret that need not be there."""
        return reached(self)


def _parameter(version: str) -> str:
    return "VersionId" if _VERSION_ID.fullmatch(version) else "VersionStage"
