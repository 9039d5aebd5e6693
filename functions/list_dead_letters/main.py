"""GET /api/v1/integrations/outbox/dead-letters: events that were given up, in every tenant; an operator's call."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.events.dead_letter_views import DeadLetterPage
from integrations_hub.views import PageQuery
from integrations_hub.web import PLATFORM, Call, NoBody, Response, expose, page_answer


def list_dead_letters(call: Call[PageQuery, NoBody]) -> Response:
    """List events that were given up on their way to a destination, oldest first, each with the reason."""
    return page_answer(call.request, bootstrap.dead_letters().list_dead_letters(call.query))


lambda_handler, http = expose(
    list_dead_letters,
    "GET",
    "/api/v1/integrations/outbox/dead-letters",
    scope=PLATFORM,
    query=PageQuery,
    answers={200: DeadLetterPage},
    other_media_types=("application/x-ndjson",),
    headers=("Link",),
)
