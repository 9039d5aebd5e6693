"""POST /api/v1/integrations: register an integration; an Idempotency-Key makes a repetition safe for 24 hours."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationDraft, IntegrationView
from integrations_hub.web import WRITE, Call, NoQuery, Response, entity, expose, idempotency_key


def create_integration(call: Call[NoQuery, IntegrationDraft]) -> Response:
    """Register an integration."""
    receipt = call.request.headers.get("x-test-receipt")
    view = bootstrap.catalog().create_integration(call.caller, call.body, idempotency_key(call), receipt)
    location = f"/api/v1/integrations/{view.id}"
    return entity(call.request, view, version=view.version, status=201, headers={"Location": location})


lambda_handler, http = expose(
    create_integration,
    "POST",
    "/api/v1/integrations",
    scope=WRITE,
    body=IntegrationDraft,
    answers={201: IntegrationView},
    problems=(409,),
    headers=("ETag", "Location"),
    request_headers=("Idempotency-Key", "X-Test-Receipt"),
)
