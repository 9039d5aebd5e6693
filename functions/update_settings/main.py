"""PUT /api/v1/integrations/settings: replace what the tenant decides for itself; If-Match compares the version."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.tenants.views import SettingsBody, SettingsView
from integrations_hub.web import ADMIN, Call, NoQuery, Response, entity, expose, if_match_version


def update_settings(call: Call[NoQuery, SettingsBody]) -> Response:
    """Replace the tenant's settings; new alert routes count for events from now on."""
    view = bootstrap.tenants().update_settings(call.caller, call.body, if_match_version(call.request))
    return entity(call.request, view, version=view.version)


lambda_handler, http = expose(
    update_settings,
    "PUT",
    "/api/v1/integrations/settings",
    scope=ADMIN,
    body=SettingsBody,
    answers={200: SettingsView},
    problems=(412,),
    headers=("ETag",),
    request_headers=("If-Match",),
)
