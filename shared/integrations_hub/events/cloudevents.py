"""An outbox item as a CloudEvent 1.0 in the JSON format (https://github.com/cloudevents/spec, v1.0.2)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import to_json

from integrations_hub.events.model import NO_SUBJECT, NO_TENANT, OutboxItem

__all__ = ["cloud_event"]


def cloud_event(item: OutboxItem, source: str, extensions: Mapping[str, str] | None = None) -> bytes:
    """Return the event in the structured JSON format; a repeated delivery is equal byte for byte.

    Extensions: `tenantid`, `severity`, `traceparent` (https://github.com/cloudevents/spec, distributed tracing),
    `sequence` (ascending per subject, as text), and those given, which never take the place of an attribute.
    """
    event = item.event
    return to_json(
        {
            **(extensions or {}),
            "specversion": "1.0",
            "id": str(event.id),
            "source": source,
            "type": event.type,
            **({} if event.integration_id == NO_SUBJECT else {"subject": str(event.integration_id)}),
            "time": item.created_at,
            "datacontenttype": "application/json",
            **({} if item.tenant_id == NO_TENANT else {"tenantid": item.tenant_id}),
            "severity": event.severity,
            **({"traceparent": event.traceparent} if event.traceparent else {}),
            "sequence": str(item.sequence),
            "data": dict(event.data),
        }
    )
