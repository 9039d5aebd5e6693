"""GET /api/v1/integrations/{integration_id}: one integration, with a strong ETag over the whole answer."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationView
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, entity, expose


def get_integration(call: Call[NoQuery, NoBody]) -> Response:
    """Read one integration."""
    view = bootstrap.catalog_reader().get_integration(call.caller, call.integration_id)
    return entity(call.request, view, version=view.version)


lambda_handler, http = expose(
    get_integration,
    "GET",
    "/api/v1/integrations/{integration_id}",
    scope=READ,
    answers={200: IntegrationView, 304: None},
    problems=(404,),
    headers=("ETag",),
    request_headers=("If-None-Match",),
)
