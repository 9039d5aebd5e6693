"""GET /healthz: the process runs."""

from __future__ import annotations

from integrations_hub.web import Call, NoBody, NoQuery, ProbeView, Response, expose, json_answer


def get_liveness(_call: Call[NoQuery, NoBody]) -> Response:
    """Tell that the process runs."""
    return json_answer(200, ProbeView(status="alive"))


lambda_handler, http = expose(get_liveness, "GET", "/healthz", scope=None, answers={200: ProbeView})
