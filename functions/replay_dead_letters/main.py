"""POST /api/v1/integrations/outbox/dead-letters: send events again that were given up; an operator's call."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.events.dead_letter_views import ReplayBody, ReplayView
from integrations_hub.web import PLATFORM, Call, NoQuery, Response, expose, json_answer


def replay_dead_letters(call: Call[NoQuery, ReplayBody]) -> Response:
    """Send events again that were given up, by id or all of a destination; they keep their ids."""
    return json_answer(200, bootstrap.dead_letters().replay_dead_letters(call.caller, call.body))


lambda_handler, http = expose(
    replay_dead_letters,
    "POST",
    "/api/v1/integrations/outbox/dead-letters",
    scope=PLATFORM,
    body=ReplayBody,
    answers={200: ReplayView},
)
