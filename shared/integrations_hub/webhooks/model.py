"""The words of webhooks: whose a delivery is, and what is kept of one that was believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from integrations_hub.events.model import Event, EventType

__all__ = ["Accepted", "WebhookTarget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """What is known of an integration by its id alone; `secret_refs` are the AuthRefs its deliveries are proven by."""

    tenant_id: str
    type: str
    config: Mapping[str, Any]
    secret_refs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A delivery that was proven, and the event that tells of it.

    `identities` (32 bytes each) are what it is known again by, any of them; `kind` and `resource` are the provider's
    words.
    """

    integration_id: UUID
    identities: Sequence[bytes]
    kind: str
    resource: str | None
    event: Event

    @classmethod
    def of(cls, integration_id: UUID, identities: Sequence[bytes], kind: str, resource: str | None) -> Accepted:
        """Return what is kept; the event holds nothing else of the delivery: who wants more asks the provider."""
        data = {"kind": kind, "resource": resource}
        event = Event(EventType.EVENT_RECEIVED, integration_id, data)
        return cls(integration_id=integration_id, identities=identities, kind=kind, resource=resource, event=event)
