"""The catalogue in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.catalog.model import (
    Dependent,
    Ending,
    Integration,
    IntegrationFilter,
    Position,
    Summary,
    name_key,
)
from integrations_hub.connector.reasons import Reason
from integrations_hub.health.status import Status, effective
from integrations_hub.storage.memory.state import Memory, StoredOne
from integrations_hub.storage.memory.unit_of_work import MemoryUnit

__all__ = ["MemoryCatalog"]

_NOTED_FOR = timedelta(hours=1)


class MemoryCatalog:
    """Reads of one tenant, and units of work (`catalog.ports.CatalogStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def page(self, tenant: str, wanted: IntegrationFilter, after: Position | None, limit: int) -> Sequence[Integration]:
        """Return up to `limit` integrations after `after`, by (name_key, id)."""
        now = self._memory.now()
        found = [one for one in self._of(tenant) if _matches(one, wanted, now)]
        found.sort(key=_order)
        return [one for one in found if after is None or _order(one) > (after.name_key, after.id)][:limit]

    def get(self, tenant: str, integration_id: UUID) -> Integration | None:
        """Return one that is not deleted."""
        with self._memory.lock:
            found = self._memory.find(tenant, integration_id)
        return found.integration if found else None

    def by_type(
        self, tenant: str, type_: str, after: Position | None, limit: int, *, consumer: str | None
    ) -> Sequence[Integration]:
        """Return those of a type, and one beyond `limit`; note the consumer of the others at most once an hour."""
        page = self.page(tenant, IntegrationFilter(type=type_), after, limit + 1)
        now = self._memory.now()
        with self._memory.lock:
            for one in page[:limit]:
                stored = self._memory.state.integrations[one.id]
                seen = stored.consumers.get(consumer or "")
                if consumer and (seen is None or now - seen >= _NOTED_FOR):
                    noted = replace(stored, consumers={**stored.consumers, consumer: now})
                    self._memory.state.integrations[one.id] = noted
        return page

    def dependents(self, tenant: str, integration_id: UUID) -> Sequence[Dependent] | None:
        """Return who reads it, newest first; None when there is no such integration."""
        with self._memory.lock:
            found = self._memory.find(tenant, integration_id)
        if found is None:
            return None
        everyone = [Dependent(consumer, seen) for consumer, seen in found.consumers.items()]
        return sorted(everyone, key=lambda one: (-one.last_seen_at.timestamp(), one.consumer))

    def summary(self, tenant: str, ending_before: datetime) -> Summary:
        """Return the tenant's catalogue in numbers."""
        now = self._memory.now()
        kept = [one for one in self._of(tenant) if one.deleted_at is None]
        ending = [end for one in self._of_tenant(tenant) for end in _endings(one) if end.ends_at < ending_before]
        chain = self._memory.state.chains.get(tenant, ())
        return Summary(
            counts=Counter((one.type, effective(one.status, one.stale_at, now)) for one in kept),
            oldest_check_at=min((one.last_checked_at for one in kept if one.last_checked_at), default=None),
            ending=sorted(ending, key=lambda end: (end.ends_at, end.id, end.what)),
            audit_seq=len(chain),
            audit_hash=chain[-1].hash if chain else "",
        )

    def spend(self, tenant: str, allowance: str, limit: int, window_s: int) -> tuple[int, float]:
        """Take one from a shared allowance; return how many are left and in how many seconds it refills."""
        now = self._memory.now().timestamp()
        window = now // window_s * window_s
        with self._memory.lock:
            since, spent = self._memory.state.allowances.get((tenant, allowance), (window, 0))
            spent = spent + 1 if since >= window else 1
            self._memory.state.allowances[tenant, allowance] = max(since, window), spent
        return limit - spent, window + window_s - now

    @contextmanager
    def write(self, caller: Caller) -> Iterator[MemoryUnit]:
        """Open a unit of work; one at a time."""
        with self._memory.lock:
            yield MemoryUnit(self._memory, caller)

    def _of(self, tenant: str) -> list[Integration]:
        return [one.integration for one in self._of_tenant(tenant)]

    def _of_tenant(self, tenant: str) -> list[StoredOne]:
        with self._memory.lock:
            return [one for one in self._memory.state.integrations.values() if one.given.tenant_id == tenant]


def _endings(one: StoredOne) -> list[Ending]:
    if one.given.deleted_at is not None:
        return []
    ends = {
        "credential": one.standing.credential_ends_at,
        "certificate": one.standing.certificate_ends_at,
        "installation": one.status_changed_at if one.standing.reason is Reason.SUSPENDED else None,
    }
    return [Ending(one.given.id, one.given.name, one.given.type, what, at) for what, at in ends.items() if at]


def _order(one: Integration) -> tuple[str, UUID]:
    return name_key(one.name), one.id


def _matches(one: Integration, wanted: IntegrationFilter, now: datetime) -> bool:
    status: Status = effective(one.status, one.stale_at, now)
    return (
        (one.deleted_at is not None) == wanted.deleted
        and wanted.type in (None, one.type)
        and wanted.category in (None, one.category)
        and wanted.status in (None, status)
        and (wanted.tag is None or wanted.tag in one.tags)
        and (wanted.name_contains is None or wanted.name_contains in name_key(one.name))
    )
