"""HashiCorp Vault and OpenBao: the KV secrets engine, version 1 and 2.

developer.hashicorp.com/vault/api-docs/secret/kv, openbao.org/api-docs/secret/kv
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound
from integrations_hub.credentials.policy import tenant_namespace, tenant_path
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.values import read_document
from integrations_hub.credentials.vault_session import FORBIDDEN, OK, Question, Reply, VaultSession
from integrations_hub.credentials.vault_settings import VaultSettings

__all__ = ["VaultBackend"]

_NOT_READ = (400, 404, 405)
_LONGEST_VERSION = 9  # digits


class VaultBackend:
    """Reads secrets of one server. Making one imports nothing and opens nothing."""

    kind = "vault"

    def __init__(self, alias: str, settings: VaultSettings, clock: Callable[[], float] = time.time) -> None:
        """Hold the settings; the hub logs in when the first secret is read."""
        self.alias = alias
        self._settings = settings
        self._session = VaultSession(alias, settings, clock)

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return a tenant's secret, the latest version or a given one.

        Raises:
            SecretNotFound: there is none, it is deleted, or the version is not there.
            SecretForbidden: policy refuses it.
            BackendUnavailable: the server is away, sealed, or refuses the hub's login.
        """
        place, namespace = self.place(tenant, path)
        reply = self._session.ask(self._question(place, self._number(version)), namespace)
        if reply.status == FORBIDDEN:
            remedy = "Check the path in authRefUri; if it is right, have the operator check the hub's policy."
            raise SecretForbidden(self.alias, "the secret backend refuses this read", remedy)
        if reply.status in _NOT_READ:
            raise self._missing()
        if reply.status != OK:
            raise self._session.unavailable(reply)
        return self._stored(reply)

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        """Return the version before; versions of KV 2 are numbered from 1.

        Raises:
            SecretUnavailable: as `read`; there is none before the first, or it is deleted.
        """
        number = self._number(version) or 0
        return self.read(tenant, path, str(number - 1))

    def probe(self) -> Reach:
        """Log in if need be, and ask what the hub's token could do where secrets lie."""
        settings, infix = self._settings, "data/" if self._settings.kv_version == 2 else ""  # noqa: PLR2004 - KV version 2
        own, below = ("probe/", "") if settings.tenancy == "namespace" else ("", f"{settings.prefix}/probe/")
        whole = f"{own}{settings.mount}/{infix}{below}probe"
        reply = self._session.ask(lambda client: client.sys.get_capabilities([whole]))
        data = reply.section("data")
        granted = set(data.get("capabilities") or data.get(whole) or ())
        return Reach(reply.status in {OK, FORBIDDEN}, writable=bool(granted & {"root", "create", "update", "sudo"}))

    def place(self, tenant: str, path: str) -> tuple[str, str | None]:
        """Return the path in the mount, and the namespace where each tenant has its own.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_path` does.
        """
        own = tenant_path(self.alias, tenant, path)
        if self._settings.tenancy == "namespace":
            return path, tenant_namespace(self.alias, self._settings.namespace, tenant)
        return f"{self._settings.prefix}/{own}", None

    def _question(self, place: str, version: int | None) -> Question:
        mount = self._settings.mount
        if self._settings.kv_version == 1:
            return lambda client: client.secrets.kv.v1.read_secret(place, mount_point=mount)
        return lambda client: client.secrets.kv.v2.read_secret_version(
            place, version=version, mount_point=mount, raise_on_deleted_version=False
        )

    def _number(self, version: str | None) -> int | None:
        if version is None:
            return None
        if self._settings.kv_version == 1:
            raise SecretNotFound(self.alias, "this backend keeps no versions", "Leave ?version out of authRefUri.")
        if not version.isdigit() or len(version) > _LONGEST_VERSION or int(version) == 0:
            raise SecretNotFound(
                self.alias, "versions of this backend are numbers from 1", "Correct ?version in authRefUri."
            )
        return int(version)

    def _stored(self, reply: Reply) -> StoredSecret:
        data = reply.section("data")
        if self._settings.kv_version == 1:
            return StoredSecret(read_document(data), lease_s=float(reply.body.get("lease_duration") or 0) or None)
        metadata = data.get("metadata") or {}
        document = data.get("data")
        if not isinstance(document, dict):
            raise self._missing()
        return StoredSecret(
            read_document(document),
            version=str(metadata.get("version", "")) or None,
            ends_at=_moment(metadata.get("deletion_time")),
            rotated_at=_moment(metadata.get("created_time")),
        )

    def _missing(self) -> SecretNotFound:
        remedy = "Store it, or correct the path and version in authRefUri; the operator can check the backend's mount."
        return SecretNotFound(self.alias, "there is no such secret, or the version is deleted", remedy)


def _moment(text: object) -> datetime | None:
    """Return a moment Vault names; None when it says nothing."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
