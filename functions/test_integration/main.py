"""POST /api/v1/integrations/test: check a draft without storing it, and answer a receipt for registering it."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.health.views import TestView
from integrations_hub.web import WRITE, Call, NoQuery, Response, expose, json_answer


def test_integration(call: Call[NoQuery, IntegrationDraft]) -> Response:
    """Test a draft: same body and same check as a registration, nothing stored."""
    return json_answer(200, bootstrap.health().test_integration(call.caller, call.body))


lambda_handler, http = expose(
    test_integration,
    "POST",
    "/api/v1/integrations/test",
    scope=WRITE,
    body=IntegrationDraft,
    answers={200: TestView},
    problems=(429,),
)
