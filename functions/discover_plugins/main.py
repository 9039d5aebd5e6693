"""POST /api/v1/integrations/plugins/discover: look for connectors again; an operator's call."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.plugin_views import DiscoveryView
from integrations_hub.web import PLATFORM, Call, NoBody, NoQuery, Response, expose, json_answer


def discover_plugins(_call: Call[NoQuery, NoBody]) -> Response:
    """Scan for connectors and report what was added, changed, removed and rejected."""
    return json_answer(200, bootstrap.plugins().discover_plugins())


lambda_handler, http = expose(
    discover_plugins, "POST", "/api/v1/integrations/plugins/discover", scope=PLATFORM, answers={200: DiscoveryView}
)
