"""For each message of the sweep: check the integration it names. For each call: ask the connector carried here.

Deployed once per connector, behind its own queue; only here are connectors run and their secrets resolved. On Lambda a
stranger's connector is run by a copy that has no queue, no rights and no settings (`pluginJob`).
"""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.web import JobEvent, expose_connector


def run_connector(event: JobEvent) -> dict[str, object]:
    """Check what the messages ask for; those named in the answer are delivered again."""
    again = bootstrap.check_messages().run_connector(event.messages, event.remaining_s, event.traceparents)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}


lambda_handler, http = expose_connector(run_connector, bootstrap.connector_calls, bootstrap.plugin_jobs)
