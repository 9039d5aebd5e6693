"""Every minute, and when kicked: send what waits in the outbox."""

from __future__ import annotations

from dataclasses import asdict

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_job


def deliver_events(_event: JobEvent) -> dict[str, object]:
    """Deliver one batch of events and alerts."""
    return asdict(bootstrap.delivery().deliver_events())


lambda_handler, cloud_event = expose_job(deliver_events)
