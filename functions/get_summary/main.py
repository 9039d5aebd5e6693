"""GET /api/v1/integrations/summary: the tenant's catalogue in numbers."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.summary_views import SummaryView
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, expose, json_answer


def get_summary(call: Call[NoQuery, NoBody]) -> Response:
    """Count integrations by type and status, and tell what ends soon."""
    return json_answer(200, bootstrap.catalog_reader().get_summary(call.caller))


lambda_handler, http = expose(
    get_summary, "GET", "/api/v1/integrations/summary", scope=READ, answers={200: SummaryView}
)
