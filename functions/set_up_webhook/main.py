"""POST /api/v1/integrations/{integration_id}/webhook: have the provider deliver its events to this hub."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.web import OPERATE, Call, NoQuery, Response, expose, json_answer
from integrations_hub.webhooks.views import WebhookBody, WebhookView


def set_up_webhook(call: Call[NoQuery, WebhookBody]) -> Response:
    """Set up the webhook at the provider; asked again, only what differs is changed."""
    return json_answer(200, bootstrap.webhooks().set_up_webhook(call.caller, call.integration_id, call.body))


lambda_handler, http = expose(
    set_up_webhook,
    "POST",
    "/api/v1/integrations/{integration_id}/webhook",
    scope=OPERATE,
    body=WebhookBody,
    answers={200: WebhookView},
    problems=(404, 429, 502),
)
