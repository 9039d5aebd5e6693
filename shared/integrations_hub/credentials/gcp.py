"""Google Secret Manager: one project per tenant by template, or one that all share, where a digest keeps tenants apart.

cloud.google.com/secret-manager/docs/reference/rpc. Names hold no slash: `names.py` says what a path is called.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from integrations_hub.credentials.errors import BackendUnavailable, SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.gcp_settings import GoogleSettings, make_client
from integrations_hub.credentials.kept import KeptClients
from integrations_hub.credentials.names import tenant_place
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.probing import reached
from integrations_hub.credentials.values import read_bytes

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient

__all__ = ["SecretManagerBackend"]

_LONGEST_NAME = 255
_DEADLINE_S = 3.0

T = TypeVar("T")


class SecretManagerBackend:
    """Reads secrets of Google Cloud projects. Making one imports nothing and opens nothing."""

    kind = "gcp-sm"

    def __init__(self, alias: str, settings: GoogleSettings) -> None:
        """Hold the settings; the hub logs in when the first secret is read."""
        self.alias = alias
        self._settings = settings
        self._clients: KeptClients[SecretManagerServiceClient] = KeptClients(lambda _: make_client(settings))

    def place(self, tenant: str, path: str) -> str:
        """Return the secret's resource name.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_place` does.
        """
        project, name = tenant_place(self.alias, self._settings.project, tenant, path, _LONGEST_NAME)
        where = f"/locations/{self._settings.location}" if self._settings.location else ""
        return f"projects/{project}{where}/secrets/{name}"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return a tenant's secret; a version is a number or an alias of one.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        name = self.place(tenant, path)
        wanted = {"name": f"{name}/versions/{version or 'latest'}"}
        found = self._asked(
            lambda client: client.access_secret_version(request=wanted, timeout=_DEADLINE_S, retry=None)
        )
        told = {"name": found.name}
        return StoredSecret(
            read_bytes(found.payload.data),
            found.name.rpartition("/")[2],
            ends_at=self._told(
                lambda client: client.get_secret(request={"name": name}, timeout=1, retry=None).expire_time
            ),
            rotated_at=self._told(
                lambda client: client.get_secret_version(request=told, timeout=1, retry=None).create_time
            ),
        )

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        """Return the version before; versions are numbered from 1.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        return self.read(tenant, path, str(int(version) - 1))

    def probe(self) -> Reach:
        """Ask for a secret that need not be there."""
        return reached(self)

    def _told(self, question: Callable[[SecretManagerServiceClient], datetime | None]) -> datetime | None:
        """Return a moment the metadata hold; reading those is a right of its own, which the hub can do without."""
        try:
            return self._asked(question) or None
        except SecretUnavailable:
            return None

    def _asked(self, question: Callable[[SecretManagerServiceClient], T]) -> T:
        from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 - for who really reads
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - as above

        try:
            return question(self._clients.get(""))
        except GoogleAPICallError as error:
            failure = self._explained(error)
        except (GoogleAuthError, OSError):
            evidence = "the hub has no login to Google Cloud, or it is refused"
            failure = BackendUnavailable(self.alias, evidence, "Have the operator renew the hub's login.")
        raise failure

    def _explained(self, error: Exception) -> SecretUnavailable:
        from google.api_core import exceptions  # noqa: PLC0415 - as above

        if isinstance(error, exceptions.NotFound | exceptions.FailedPrecondition | exceptions.InvalidArgument):
            evidence = "there is no such secret, or the version is disabled or destroyed"
            return SecretNotFound(self.alias, evidence, "Store it, or correct the path and version in authRefUri.")
        if isinstance(error, exceptions.PermissionDenied):
            remedy = "Check the path in authRefUri; if it is right, have the operator check the hub's IAM roles."
            return SecretForbidden(self.alias, "the secret backend refuses this read", remedy)
        evidence = f"the secret backend cannot be asked ({type(error).__name__})"
        return BackendUnavailable(self.alias, evidence, "Have the operator look at the secret backend.")
