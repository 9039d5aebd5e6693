"""GET /api/v1/integrations/plugins: the installed connectors, each with the JSON Schema of its config."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.plugin_views import PluginsView
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, expose, json_answer


def list_plugins(_call: Call[NoQuery, NoBody]) -> Response:
    """List the installed connectors."""
    return json_answer(200, bootstrap.plugins().list_plugins())


lambda_handler, http = expose(
    list_plugins, "GET", "/api/v1/integrations/plugins", scope=READ, answers={200: PluginsView}
)
