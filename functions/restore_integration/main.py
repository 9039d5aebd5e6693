"""POST /api/v1/integrations/{integration_id}/restore: undo a soft delete."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationView
from integrations_hub.web import WRITE, Call, NoBody, NoQuery, Response, entity, expose


def restore_integration(call: Call[NoQuery, NoBody]) -> Response:
    """Restore a deleted integration."""
    view = bootstrap.catalog().restore_integration(call.caller, call.integration_id)
    return entity(call.request, view, version=view.version)


lambda_handler, http = expose(
    restore_integration,
    "POST",
    "/api/v1/integrations/{integration_id}/restore",
    scope=WRITE,
    answers={200: IntegrationView},
    problems=(404, 409),
    headers=("ETag",),
)
