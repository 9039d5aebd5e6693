"""GET /metrics: the page Prometheus reads. Not routed publicly: for the operator's own network."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.web import Call, NoBody, NoQuery, Response, expose


def show_metrics(_call: Call[NoQuery, NoBody]) -> Response:
    """Show the gauges, and what this process has counted."""
    page, media_type = bootstrap.gauges().page()
    return Response(200, {"Content-Type": media_type}, page)


lambda_handler, http = expose(
    show_metrics, "GET", "/metrics", scope=None, answers={200: "text/plain"}, internal=True, problems=(404,)
)
