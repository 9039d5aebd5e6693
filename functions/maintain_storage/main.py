"""Every hour: make partitions ahead of time, drop old ones, purge what is kept long enough."""

from __future__ import annotations

from dataclasses import asdict

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_job


def maintain_storage(_event: JobEvent) -> dict[str, object]:
    """Keep the storage in shape."""
    return asdict(bootstrap.maintenance().maintain_storage())


lambda_handler, cloud_event = expose_job(maintain_storage)
