"""The catalogue on PostgreSQL."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Dependent, Ending, Integration, IntegrationFilter, Position, Summary
from integrations_hub.errors import StorageUnavailable
from integrations_hub.events.kick import no_kick
from integrations_hub.events.ports import Kick
from integrations_hub.health.status import Status
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.rows import integration_of

if TYPE_CHECKING:
    from integrations_hub.storage.unit_of_work import UnitOfWork

__all__ = ["PostgresCatalog"]

_log = logging.getLogger(__name__)
_NOTED_FOR_S = 3600.0
_NOTED_AT_MOST = 100_000


class PostgresCatalog:
    """Reads of one tenant, and units of work (`catalog.ports.CatalogStore`)."""

    def __init__(self, connections: Connections, kick: Kick = no_kick) -> None:
        """Read and write as hub_api."""
        self._connections = connections
        self._kick = kick
        self._noted: dict[tuple[str, UUID, str], float] = {}

    def page(self, tenant: str, wanted: IntegrationFilter, after: Position | None, limit: int) -> Sequence[Integration]:
        """Return up to `limit` integrations after `after`, by (name_key, id)."""
        parameters = {
            "type": wanted.type,
            "category": wanted.category,
            "status": wanted.status,
            "tag": wanted.tag,
            "name_contains": wanted.name_contains,
            **_after(after),
        }
        statement = sql.PAGE_DELETED if wanted.deleted else sql.PAGE
        (rows,) = self._connections.read(tenant, (statement, {"tenant": tenant, "limit": limit, **parameters}))
        return [integration_of(row) for row in rows]

    def get(self, tenant: str, integration_id: UUID) -> Integration | None:
        """Return one that is not deleted."""
        (rows,) = self._connections.read(tenant, (sql.GET_INTEGRATION, {"tenant": tenant, "id": integration_id}))
        return integration_of(rows[0]) if rows else None

    def by_type(
        self, tenant: str, type_: str, after: Position | None, limit: int, *, consumer: str | None
    ) -> Sequence[Integration]:
        """Return those of a type, and one beyond `limit`; note the consumer of the others at most once an hour."""
        parameters = {"tenant": tenant, "type": type_, "limit": limit + 1, **_after(after)}
        (rows,) = self._connections.read(tenant, (sql.BY_TYPE, parameters))
        if consumer is not None:
            self._note(tenant, [row["id"] for row in rows[:limit]], consumer)
        return [integration_of(row) for row in rows]

    def dependents(self, tenant: str, integration_id: UUID) -> Sequence[Dependent] | None:
        """Return who reads it, newest first; None when there is no such integration."""
        (rows,) = self._connections.read(tenant, (sql.DEPENDENTS, {"tenant": tenant, "id": integration_id}))
        if not rows:
            return None
        return [Dependent(row["consumer"], row["last_seen_at"]) for row in rows if row["consumer"] is not None]

    def summary(self, tenant: str, ending_before: datetime) -> Summary:
        """Return the tenant's catalogue in numbers: one round trip."""
        named = {"tenant": tenant}
        counts, ending, head = self._connections.read(
            tenant,
            (sql.SUMMARY_COUNTS, named),
            (sql.SUMMARY_ENDING, {**named, "ending_before": ending_before}),
            (sql.AUDIT_HEAD, named),
        )
        oldest = [row["oldest_check_at"] for row in counts if row["oldest_check_at"]]
        return Summary(
            counts={(row["type"], Status(row["status"])): row["count"] for row in counts},
            oldest_check_at=min(oldest, default=None),
            ending=[Ending(**row) for row in ending],
            audit_seq=head[0]["seq"] if head else 0,
            audit_hash=head[0]["hash"].hex() if head else "",
        )

    def spend(self, tenant: str, allowance: str, limit: int, window_s: int) -> tuple[int, float]:
        """Take one from a shared allowance; return how many are left and in how many seconds it refills."""
        parameters = {"tenant": tenant, "allowance": allowance, "window_s": window_s}
        ((row,),) = self._connections.read(tenant, (sql.SPEND, parameters))
        return limit - row["spent"], max(row["refills_in_s"], 0.0)

    @contextmanager
    def write(self, caller: Caller) -> Iterator[UnitOfWork]:
        """Open a unit of work; leaving it without `commit` changes nothing."""
        from integrations_hub.storage.unit_of_work import UnitOfWork  # noqa: PLC0415 - who only reads needs none

        with self._connections.session() as session:
            yield UnitOfWork(session, caller, self._kick)

    def _note(self, tenant: str, ids: Sequence[UUID], consumer: str) -> None:
        """Note a consumer of integrations not noted by this process within the hour; never at the answer's cost."""
        now = time.time()
        fresh = [one for one in ids if now - self._noted.get((tenant, one, consumer), 0.0) >= _NOTED_FOR_S]
        if not fresh:
            return
        parameters = {"tenant": tenant, "ids": fresh, "consumer": consumer}
        try:
            self._connections.read(tenant, (sql.NOTE_CONSUMER, parameters))
        except StorageUnavailable:
            _log.warning("a consumer could not be noted", extra={"tenantId": tenant, "action": "note_consumer"})
            return
        if len(self._noted) > _NOTED_AT_MOST:
            self._noted.clear()
        self._noted.update({(tenant, one, consumer): now for one in fresh})


def _after(after: Position | None) -> dict[str, object]:
    return {"after_key": after.name_key if after else None, "after_id": after.id if after else None}
