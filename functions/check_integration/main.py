"""POST /api/v1/integrations/{integration_id}/health-check: check now, or join the check under way."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.health.views import CheckView
from integrations_hub.web import OPERATE, Call, NoBody, NoQuery, Response, expose, json_answer


def check_integration(call: Call[NoQuery, NoBody]) -> Response:
    """Check an integration now; the answer is 200 whether it is healthy or not."""
    return json_answer(200, bootstrap.health().check_integration(call.caller, call.integration_id))


lambda_handler, http = expose(
    check_integration,
    "POST",
    "/api/v1/integrations/{integration_id}/health-check",
    scope=OPERATE,
    answers={200: CheckView},
    problems=(404, 429),
)
