"""GET /api/v1/integrations/{integration_id}/resources?kind=: what the provider has, page by page, not stored."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.resource_views import ResourceQuery, ResourcesPage
from integrations_hub.web import OPERATE, Call, NoBody, Response, expose, json_answer


def list_resources(call: Call[ResourceQuery, NoBody]) -> Response:
    """List what the provider has of a kind: repositories, projects."""
    return json_answer(200, bootstrap.resources().list_resources(call.caller, call.integration_id, call.query))


lambda_handler, http = expose(
    list_resources,
    "GET",
    "/api/v1/integrations/{integration_id}/resources",
    scope=OPERATE,
    query=ResourceQuery,
    answers={200: ResourcesPage},
    problems=(404, 429, 502),
)
