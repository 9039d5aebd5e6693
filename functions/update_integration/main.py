"""PUT /api/v1/integrations/{integration_id}: replace an integration; If-Match compares its version only."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationDraft, IntegrationView
from integrations_hub.web import WRITE, Call, NoQuery, Response, entity, expose, if_match_version


def update_integration(call: Call[NoQuery, IntegrationDraft]) -> Response:
    """Replace an integration."""
    version = if_match_version(call.request)
    view = bootstrap.catalog().update_integration(call.caller, call.integration_id, call.body, version)
    return entity(call.request, view, version=view.version)


lambda_handler, http = expose(
    update_integration,
    "PUT",
    "/api/v1/integrations/{integration_id}",
    scope=WRITE,
    body=IntegrationDraft,
    answers={200: IntegrationView},
    problems=(404, 409, 412),
    headers=("ETag",),
    request_headers=("If-Match",),
)
