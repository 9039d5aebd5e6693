"""POST /api/v1/integrations/{integration_id}/events: what a provider delivers, believed by its signature alone."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.web import Call, NoBody, NoQuery, Response, expose, json_answer
from integrations_hub.webhooks.views import ReceivedView, delivery_of


def receive_event(call: Call[NoQuery, NoBody]) -> Response:
    """Receive a delivery of the provider's webhook; an unknown id and a wrong signature get the same answer."""
    delivery = delivery_of(call.request.headers, call.raw_body)
    return json_answer(202, bootstrap.webhooks().receive_event(call.integration_id, delivery))


lambda_handler, http = expose(
    receive_event,
    "POST",
    "/api/v1/integrations/{integration_id}/events",
    scope=None,
    answers={202: ReceivedView},
    problems=(401, 409, 413, 429, 502, 503),
    max_body=1 << 20,
)
