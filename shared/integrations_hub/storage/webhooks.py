"""Webhooks on PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.events.kick import no_kick
from integrations_hub.events.ports import Kick
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.rows import jsonb
from integrations_hub.storage.unit_of_work import audit_statement
from integrations_hub.webhooks.model import Accepted, WebhookTarget

__all__ = ["PostgresWebhooks"]


class PostgresWebhooks:
    """Secrets in force and deliveries received (`webhooks.ports.WebhookStore`); each method is one round trip."""

    def __init__(self, connections: Connections, kick: Kick = no_kick) -> None:
        """Read and write as hub_api."""
        self._connections = connections
        self._kick = kick

    def begin(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:
        """Let a secret count beside the one in force."""
        self._connections.read(caller.tenant, (sql.BEGIN_WEBHOOK, _named(caller, integration_id, secret_ref)))

    def put_in_force(self, caller: Caller, integration_id: UUID, secret_ref: str, entry: AuditEntry) -> None:
        """Put a begun secret in force, with its audit entry."""
        change = (sql.PUT_WEBHOOK_IN_FORCE, _named(caller, integration_id, secret_ref))
        self._connections.read(caller.tenant, change, audit_statement(caller, entry))

    def abandon(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:
        """Let a begun secret count no more."""
        self._connections.read(caller.tenant, (sql.ABANDON_WEBHOOK, _named(caller, integration_id, secret_ref)))

    def target(self, integration_id: UUID) -> WebhookTarget | None:
        """Return whose an id is, in any tenant."""
        (rows,) = self._connections.run((sql.WEBHOOK_TARGET, {"id": integration_id}))
        if not rows:
            return None
        row = rows[0]
        return WebhookTarget(
            tenant_id=row["tenant_id"], type=row["type"], config=row["config_json"], secret_refs=row["secret_refs"]
        )

    def accept(self, tenant: str, accepted: Accepted) -> bool:
        """Keep a delivery and put its event into the outbox, in one statement."""
        event = accepted.event
        parameters = {
            "tenant": tenant,
            "integration_id": accepted.integration_id,
            "identities": list(accepted.identities),
            "kind": accepted.kind,
            "resource": accepted.resource,
            "event_id": event.id,
            "type": event.type,
            "severity": event.severity,
            "data": jsonb(event.data),
            "traceparent": event.traceparent or None,
        }
        (rows,) = self._connections.read(tenant, (sql.ACCEPT_DELIVERY, parameters))
        if rows:
            self._kick()
        return bool(rows)


def _named(caller: Caller, integration_id: UUID, secret_ref: str) -> dict[str, object]:
    return {"tenant": caller.tenant, "id": integration_id, "secret_ref": secret_ref}
