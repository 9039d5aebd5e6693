"""Once per deployment: bring the schema to this release, and `plugin_metadata` to what is installed."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_job


def migrate_database(_event: JobEvent) -> dict[str, object]:
    """Migrate, and register the installed connectors; the answer tells what that changed, and which were rejected."""
    revision, connectors = bootstrap.migrate_database()
    return {"revision": revision, "connectors": connectors.model_dump()}


lambda_handler, cloud_event = expose_job(migrate_database)
