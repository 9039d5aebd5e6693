"""Every minute: claim what is due, have it checked, record what was found."""

from __future__ import annotations

from dataclasses import asdict

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_job


def sweep_health(_event: JobEvent) -> dict[str, object]:
    """Check one batch of what is due, over all tenants."""
    return asdict(bootstrap.sweep().sweep_health())


lambda_handler, cloud_event = expose_job(sweep_health)
