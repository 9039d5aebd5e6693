"""GET /api/v1/integrations: the tenant's integrations, filtered and paged by name."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationPage, ListQuery
from integrations_hub.web import READ, Call, NoBody, Response, expose, json_answer


def list_integrations(call: Call[ListQuery, NoBody]) -> Response:
    """List the tenant's integrations."""
    return json_answer(200, bootstrap.catalog_reader().list_integrations(call.caller, call.query))


lambda_handler, http = expose(
    list_integrations, "GET", "/api/v1/integrations", scope=READ, query=ListQuery, answers={200: IntegrationPage}
)
