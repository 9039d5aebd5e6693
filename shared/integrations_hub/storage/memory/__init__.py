"""Every store in memory: real implementations of the ports for tests and rehearsal. One suite runs over both kinds."""

from __future__ import annotations

from integrations_hub.storage.memory.audit import MemoryAudit
from integrations_hub.storage.memory.catalog import MemoryCatalog
from integrations_hub.storage.memory.health import MemoryHealth, MemorySweep
from integrations_hub.storage.memory.incidents import MemoryIncidents
from integrations_hub.storage.memory.outbox import MemoryOutbox
from integrations_hub.storage.memory.plugins import MemoryPlugins
from integrations_hub.storage.memory.state import Memory
from integrations_hub.storage.memory.tenants import MemoryTenants
from integrations_hub.storage.memory.webhooks import MemoryWebhooks

__all__ = [
    "Memory",
    "MemoryAudit",
    "MemoryCatalog",
    "MemoryHealth",
    "MemoryIncidents",
    "MemoryOutbox",
    "MemoryPlugins",
    "MemorySweep",
    "MemoryTenants",
    "MemoryWebhooks",
]
