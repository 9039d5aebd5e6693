"""GET /api/v1/integrations/by-type/{type}: what programs call to connect; the caller is noted as a dependent."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import ByTypePage
from integrations_hub.views import PageQuery
from integrations_hub.web import READ, Call, NoBody, Response, entity, expose


def list_integrations_by_type(call: Call[PageQuery, NoBody]) -> Response:
    """List the integrations of one type, as a program needs them to connect."""
    page = bootstrap.catalog_reader().list_integrations_by_type(call.caller, call.path("type"), call.query)
    return entity(call.request, page)


lambda_handler, http = expose(
    list_integrations_by_type,
    "GET",
    "/api/v1/integrations/by-type/{type}",
    scope=READ,
    query=PageQuery,
    answers={200: ByTypePage, 304: None},
    headers=("ETag",),
    request_headers=("If-None-Match",),
)
