"""Azure Key Vault: one vault per tenant by template, or one that all share, where a digest keeps tenants apart.

learn.microsoft.com/rest/api/keyvault/secrets. Names hold no slash: `names.py` says what a path is called.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from integrations_hub.credentials.azure_settings import AzureSettings
from integrations_hub.credentials.errors import (
    BackendUnavailable,
    OwnVaultUnavailable,
    SecretForbidden,
    SecretNotFound,
    SecretUnavailable,
)
from integrations_hub.credentials.kept import KeptClients, quieten
from integrations_hub.credentials.names import TENANT, tenant_place
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.probing import reached
from integrations_hub.credentials.values import read_text

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import AzureError
    from azure.keyvault.secrets import SecretClient, SecretProperties

__all__ = ["KeyVaultBackend"]

_LONGEST_NAME = 127
_OPTIONS = {"connection_timeout": 1.5, "read_timeout": 3.0, "retry_total": 1, "retry_backoff_factor": 0.2}
_ABSENT, _REFUSED = (400, 404), (403,)

T = TypeVar("T")


class KeyVaultBackend:
    """Reads secrets of Key Vaults. Making one imports nothing and opens nothing."""

    kind = "azure-kv"

    def __init__(self, alias: str, settings: AzureSettings) -> None:
        """Hold the settings; the hub logs in when the first secret is read."""
        self.alias = alias
        self._settings = settings
        self._own = TENANT in settings.vault_url
        self._credentials: KeptClients[TokenCredential] = KeptClients(lambda _: settings.login.credential(**_OPTIONS))
        self._clients: KeptClients[SecretClient] = KeptClients(self._made)

    def place(self, tenant: str, path: str) -> tuple[str, str]:
        """Return the vault's address and the secret's name in it.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_place` does.
        """
        return tenant_place(self.alias, self._settings.vault_url, tenant, path, _LONGEST_NAME)

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return a tenant's secret; versions are Azure's 32 hexadecimal digits.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        vault, name = self.place(tenant, path)
        found = self._asked(lambda: self._clients.get(vault).get_secret(name, version))
        told = found.properties
        return StoredSecret(
            read_text(found.value or ""), told.version, ends_at=told.expires_on, rotated_at=told.created_on
        )

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        """Return the newest enabled version that is not newer than `version`; Azure has to be asked for the list.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """
        vault, name = self.place(tenant, path)
        listed = self._asked(lambda: list(self._clients.get(vault).list_properties_of_secret_versions(name)))
        before = _newest_before(listed, version)
        if before is None:
            raise self._missing()
        return self.read(tenant, path, before)

    def probe(self) -> Reach:
        """Ask for a secret that need not be there; where each tenant has a vault, only for a token."""
        return Reach(self._logged_in(), writable=None) if self._own else reached(self)

    def _made(self, vault: str) -> SecretClient:
        from azure.keyvault.secrets import SecretClient  # noqa: PLC0415 - for who really reads a secret

        quieten("azure", logging.ERROR)
        return SecretClient(vault, self._credentials.get(""), permit_redirects=False, **_OPTIONS)

    def _asked(self, question: Callable[[], T]) -> T:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            return question()
        except AzureError as error:
            failure = self._explained(error)
        except ValueError:  # of the challenge: what answers asks for a token of somewhere else
            failure = self._away("what answers at the vault's address is no Key Vault")
        raise failure

    def _explained(self, error: AzureError) -> SecretUnavailable:
        from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - as above

        status = getattr(error, "status_code", None)
        # where the hub is logged in all the same, it is this one vault that will not have it
        if isinstance(error, ClientAuthenticationError) and not (self._own and self._logged_in()):
            remedy = "Have the operator renew the hub's login to Azure."
            return BackendUnavailable(self.alias, "the secret backend refused the hub's login", remedy)
        if status in _ABSENT:
            return self._missing()
        if status in _REFUSED:
            remedy = "Check the path in authRefUri, and that the secret is enabled; the operator can check its policy."
            return SecretForbidden(self.alias, "the secret backend refuses this read", remedy)
        return self._away(f"the vault answered HTTP {status}" if status else "the vault cannot be reached")

    def _logged_in(self) -> bool:
        """Tell whether Entra gives the hub a token for Key Vaults, or has lately."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        domain = self._settings.vault_url.partition(".")[2]
        try:
            self._credentials.get("").get_token(f"https://{domain}/.default")
        except AzureError:
            return False
        return True

    def _away(self, evidence: str) -> BackendUnavailable:
        kind = OwnVaultUnavailable if self._own else BackendUnavailable
        return kind(self.alias, evidence, "Have the operator look at the vault and at the backend's vault_url.")

    def _missing(self) -> SecretNotFound:
        remedy = "Store it, or correct the path and version in authRefUri."
        return SecretNotFound(self.alias, "there is no such secret or version", remedy)


def _newest_before(listed: list[SecretProperties], version: str) -> str | None:
    dated = {one.version: one.created_on for one in listed if one.version and one.created_on and one.enabled}
    current = dated.pop(version, None)
    older = {one: created for one, created in dated.items() if current and created <= current}
    return max(older, key=lambda one: older[one]) if older else None
