"""GET /api/v1/integrations/settings: what the tenant decides for itself."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.tenants.views import SettingsView
from integrations_hub.web import ADMIN, Call, NoBody, NoQuery, Response, entity, expose


def get_settings(call: Call[NoQuery, NoBody]) -> Response:
    """Read the tenant's settings: whether receipts are required, and where its alerts go."""
    view = bootstrap.tenants().get_settings(call.caller)
    return entity(call.request, view, version=view.version)


lambda_handler, http = expose(
    get_settings,
    "GET",
    "/api/v1/integrations/settings",
    scope=ADMIN,
    answers={200: SettingsView, 304: None},
    headers=("ETag",),
    request_headers=("If-None-Match",),
)
