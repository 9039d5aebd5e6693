"""What webhooks ask of storage. Implemented in `storage` on PostgreSQL and in memory; one suite runs over both."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.webhooks.model import Accepted, WebhookTarget

__all__ = ["WebhookStore"]


class WebhookStore(Protocol):
    """Which secrets prove an integration's deliveries, and which deliveries were received."""

    def begin(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:
        """Let a secret count beside the one in force, while it is being set up at the provider."""

    def put_in_force(self, caller: Caller, integration_id: UUID, secret_ref: str, entry: AuditEntry) -> None:
        """Put a begun secret in force, with its audit entry; the one it replaces counts for 24 hours more."""

    def abandon(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:
        """Let a begun secret count no more: the provider did not take it."""

    def target(self, integration_id: UUID) -> WebhookTarget | None:
        """Return whose an id is, in any tenant; None without such an integration or without its webhook."""

    def accept(self, tenant: str, accepted: Accepted) -> bool:
        """Keep a delivery and put its event into the outbox, both or neither; False when it was received before."""
