"""Secrets in environment variables, for development."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.credentials.errors import SecretNotFound
from integrations_hub.credentials.policy import environment_variable
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.values import read_text
from integrations_hub.credentials.versionless import Versionless

__all__ = ["EnvironmentBackend"]


@dataclass(frozen=True, slots=True)
class EnvironmentBackend(Versionless):
    """Reads variables from a mapping it was given; `policy.environment_variable` says what they are called."""

    alias: str
    environment: Mapping[str, str]
    kind: str = "env"

    def __repr__(self) -> str:
        """Name the backend, not its variables."""
        return f"EnvironmentBackend({self.alias!r})"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return what a variable holds.

        Raises:
            SecretNotFound: it is not set, or a version was asked for.
        """
        self.refuse_version(version)
        text = self.environment.get(self.place(tenant, path))
        if not text:
            raise SecretNotFound(self.alias, "there is no such secret", "Set it, or correct the path in authRefUri.")
        return StoredSecret(read_text(text))

    def place(self, tenant: str, path: str) -> str:
        """Return the variable's name.

        Raises:
            SecretForbidden, SecretNotFound: as `environment_variable` does.
        """
        return environment_variable(self.alias, tenant, path)

    def probe(self) -> Reach:
        """Say yes: the environment is always there, and nothing is ever written to it."""
        return Reach(reachable=True)
