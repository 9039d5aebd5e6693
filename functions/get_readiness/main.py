"""GET /readyz: the hub can serve, which is whether its database does."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.errors import Unavailable
from integrations_hub.web import Call, NoBody, NoQuery, ProbeView, Response, expose, json_answer


def get_readiness(_call: Call[NoQuery, NoBody]) -> Response:
    """Tell whether the hub can serve."""
    if not bootstrap.readiness():
        raise Unavailable("The hub is not ready: its database does not answer.")
    return json_answer(200, ProbeView(status="ready"))


lambda_handler, http = expose(get_readiness, "GET", "/readyz", scope=None, answers={200: ProbeView}, problems=(503,))
