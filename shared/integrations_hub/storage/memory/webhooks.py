"""Webhooks in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.storage.memory.audit import append_link
from integrations_hub.storage.memory.state import Memory, StoredWebhook
from integrations_hub.webhooks.model import Accepted, WebhookTarget

__all__ = ["MemoryWebhooks"]

_OVERLAP = timedelta(hours=24)


class MemoryWebhooks:
    """Secrets in force and deliveries received (`webhooks.ports.WebhookStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def begin(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:
        """Let a secret count beside the one in force."""
        with self._memory.lock:
            if self._memory.find(caller.tenant, integration_id):
                stored = self._memory.state.webhooks.get(integration_id, StoredWebhook())
                self._memory.state.webhooks[integration_id] = replace(stored, pending_ref=secret_ref)

    def put_in_force(self, caller: Caller, integration_id: UUID, secret_ref: str, entry: AuditEntry) -> None:
        """Put a begun secret in force, with its audit entry."""
        with self._memory.lock:
            state, now = self._memory.state.copied(), self._memory.now()
            old = state.webhooks[integration_id]
            replaced = old.secret_ref not in (None, secret_ref)
            state.webhooks[integration_id] = StoredWebhook(
                secret_ref=secret_ref,
                pending_ref=None if old.pending_ref == secret_ref else old.pending_ref,
                previous_ref=old.secret_ref if replaced else old.previous_ref,
                replaced_at=now if replaced else old.replaced_at,
            )
            append_link(state, caller, entry, now)
            self._memory.state = state

    def abandon(self, caller: Caller, integration_id: UUID, secret_ref: str) -> None:  # noqa: ARG002 - ids are unique
        """Let a begun secret count no more."""
        with self._memory.lock:
            old = self._memory.state.webhooks[integration_id]
            if old.pending_ref == secret_ref:
                self._memory.state.webhooks[integration_id] = replace(old, pending_ref=None)

    def target(self, integration_id: UUID) -> WebhookTarget | None:
        """Return whose an id is, in any tenant."""
        with self._memory.lock:
            one = self._memory.state.integrations.get(integration_id)
            webhook = self._memory.state.webhooks.get(integration_id)
            now = self._memory.now()
        if one is None or webhook is None or one.given.deleted_at or not (webhook.secret_ref or webhook.pending_ref):
            return None
        in_overlap = webhook.replaced_at is not None and webhook.replaced_at > now - _OVERLAP
        refs = (webhook.secret_ref, webhook.pending_ref, webhook.previous_ref if in_overlap else None)
        return WebhookTarget(
            tenant_id=one.given.tenant_id,
            type=one.given.type,
            config=one.given.config,
            secret_refs=[ref for ref in refs if ref],
        )

    def accept(self, tenant: str, accepted: Accepted) -> bool:
        """Keep a delivery and put its event into the outbox."""
        keys = {(tenant, accepted.integration_id, identity) for identity in accepted.identities}
        with self._memory.lock:
            if not self._memory.find(tenant, accepted.integration_id):
                return False
            known = keys & self._memory.state.deliveries
            self._memory.state.deliveries |= keys
            if known:
                return False
            self._memory.state.emit(accepted.event, self._memory.now())
        return True
