"""An outbox item as a CloudEvent 1.0 in the JSON format (https://github.com/cloudevents/spec, v1.0.2)."""

from __future__ import annotations

from pydantic_core import to_json

from integrations_hub.events.model import OutboxItem

__all__ = ["cloud_event"]


def cloud_event(item: OutboxItem, source: str) -> bytes:
    """Return the event in the structured JSON format; a repeated delivery is equal byte for byte.

    Extensions: `tenantid`, `severity`, and `sequence` (ascending per subject, as text).
    """
    event = item.event
    return to_json(
        {
            "specversion": "1.0",
            "id": str(event.id),
            "source": source,
            "type": event.type,
            "subject": str(event.integration_id),
            "time": item.created_at,
            "datacontenttype": "application/json",
            "tenantid": item.tenant_id,
            "severity": event.severity,
            "sequence": str(item.sequence),
            "data": dict(event.data),
        }
    )
