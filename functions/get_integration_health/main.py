"""GET /api/v1/integrations/{integration_id}/health: the latest check with its steps, statistics, and history."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.health.views import HealthView, HistoryQuery
from integrations_hub.web import READ, Call, NoBody, Response, expose, json_answer


def get_integration_health(call: Call[HistoryQuery, NoBody]) -> Response:
    """Read an integration's health."""
    return json_answer(
        200, bootstrap.health_reader().get_integration_health(call.caller, call.integration_id, call.query)
    )


lambda_handler, http = expose(
    get_integration_health,
    "GET",
    "/api/v1/integrations/{integration_id}/health",
    scope=READ,
    query=HistoryQuery,
    answers={200: HealthView},
    problems=(404,),
)
