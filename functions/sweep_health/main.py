"""Every minute: claim what is due, and have it checked: here, or by workers behind a queue."""

from __future__ import annotations

from dataclasses import asdict

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_job


def sweep_health(event: JobEvent) -> dict[str, object]:
    """Measure what is there, and dispatch what is due, over all tenants."""
    bootstrap.gauges().refresh()
    return asdict(bootstrap.sweep().sweep_health(event.remaining_s))


lambda_handler, cloud_event = expose_job(sweep_health)
