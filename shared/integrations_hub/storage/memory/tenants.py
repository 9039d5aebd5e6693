"""Tenants' settings in memory."""

from __future__ import annotations

from dataclasses import replace

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.errors import PreconditionFailed
from integrations_hub.storage.memory.audit import append_link
from integrations_hub.storage.memory.state import Memory
from integrations_hub.tenants.model import TenantSettings

__all__ = ["MemoryTenants"]


class MemoryTenants:
    """Settings of tenants (`tenants.ports.TenantStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def get(self, tenant: str) -> TenantSettings:
        """Return a tenant's settings; their defaults where there are none."""
        return self._memory.state.settings.get(tenant, TenantSettings())

    def replace(
        self, caller: Caller, wanted: TenantSettings, if_version: int | None, entry: AuditEntry
    ) -> TenantSettings:
        """Write them with the audit entry, as the version after the present one."""
        with self._memory.lock:
            present = self.get(caller.tenant).version
            if if_version not in (None, present):
                raise PreconditionFailed(
                    f"They have changed since: the version is now {present}. Read them again and repeat the change."
                )
            state = self._memory.state.copied()
            state.settings[caller.tenant] = replace(wanted, version=present + 1)
            append_link(state, caller, entry, self._memory.now())
            self._memory.state = state
            return state.settings[caller.tenant]
