"""What tenants' settings ask of storage."""

from __future__ import annotations

from typing import Protocol

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.tenants.model import TenantSettings

__all__ = ["TenantStore"]


class TenantStore(Protocol):
    """One tenant's settings."""

    def get(self, tenant: str) -> TenantSettings:
        """Return them; their defaults where there are none."""

    def replace(
        self, caller: Caller, wanted: TenantSettings, if_version: int | None, entry: AuditEntry
    ) -> TenantSettings:
        """Write them with the audit entry, as the version after the present one, and return them.

        Raises:
            PreconditionFailed: `if_version` is not the present version.
        """
