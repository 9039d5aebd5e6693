"""What backends have in common that keep no versions."""

from __future__ import annotations

from integrations_hub.credentials.errors import SecretNotFound
from integrations_hub.credentials.ports import StoredSecret

__all__ = ["Versionless"]


class Versionless:
    """Refuses to be asked for a version."""

    __slots__ = ()
    alias: str

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:  # noqa: ARG002 - as the port has it
        """Refuse.

        Raises:
            SecretNotFound: always.
        """
        raise SecretNotFound(self.alias, "this backend keeps no versions", "Leave ?version out of authRefUri.")

    def refuse_version(self, version: str | None) -> None:
        """Return when no version was asked for.

        Raises:
            SecretNotFound: one was.
        """
        if version is not None:
            self.previous("", "", version)
