"""What is there and what waits, counted over all tenants through functions that can do only this."""

from __future__ import annotations

from collections.abc import Sequence

from integrations_hub.observability.labels import Counted, Queue
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections

__all__ = ["PostgresMeasures"]


class PostgresMeasures:
    """Counts (`observability.gauges.Measures`)."""

    def __init__(self, connections: Connections) -> None:
        """Work as hub_worker."""
        self._connections = connections

    def measures(self) -> tuple[Sequence[Counted], Sequence[Queue]]:
        """Return integrations by type, tenant and status, and the queues, in one round trip."""
        counted, (checks,), (deliveries,) = self._connections.run(
            (sql.INTEGRATION_COUNTS, {}), (sql.WAITING_CHECKS, {}), (sql.WAITING_DELIVERIES, {})
        )
        queues = [Queue("checks", **checks), Queue("deliveries", **deliveries)]
        return [Counted(row["type"], row["tenant_id"], row["status"], row["count"]) for row in counted], queues
