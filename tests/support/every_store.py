"""Every store there is, for the tests that hold them to one behaviour."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import pytest

from integrations_hub.caller import Caller
from integrations_hub.events.model import OutboxItem
from integrations_hub.storage.memory import (
    Memory,
    MemoryAudit,
    MemoryCatalog,
    MemoryHealth,
    MemoryIncidents,
    MemoryOutbox,
    MemoryPlugins,
    MemorySweep,
    MemoryTenants,
    MemoryWebhooks,
)
from tests.support.catalogue import Stores, postgres_stores

__all__ = ["claimed_of", "stores"]


@pytest.fixture(scope="module", params=["memory", "postgres_18", "postgres_15"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        memory = Memory(lambda: datetime.now(UTC))
        outbox = MemoryOutbox(memory)
        yield Stores(
            MemoryCatalog(memory),
            MemoryHealth(memory),
            MemorySweep(memory),
            MemoryAudit(memory),
            outbox,
            MemoryPlugins(memory),
            MemoryWebhooks(memory),
            MemoryIncidents(memory),
            MemoryTenants(memory),
            outbox,
        )
        return
    database = request.getfixturevalue(request.param).fresh()
    yield postgres_stores(database)
    database.close()


def claimed_of(stores: Stores, caller: Caller, avoid: Collection[str] = ()) -> list[OutboxItem]:
    """Claim what waits in the outbox, and return what is the caller's of it."""
    return [item for item in stores.outbox.claim(1000, 60, avoid) if item.tenant_id == caller.tenant]
