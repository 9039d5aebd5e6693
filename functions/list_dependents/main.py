"""GET /api/v1/integrations/{integration_id}/dependents: the programs seen reading it."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import DependentsView
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, expose, json_answer


def list_dependents(call: Call[NoQuery, NoBody]) -> Response:
    """List the programs that read an integration, newest first."""
    return json_answer(200, bootstrap.catalog_reader().list_dependents(call.caller, call.integration_id))


lambda_handler, http = expose(
    list_dependents,
    "GET",
    "/api/v1/integrations/{integration_id}/dependents",
    scope=READ,
    answers={200: DependentsView},
    problems=(404,),
)
