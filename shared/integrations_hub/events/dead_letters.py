"""Dead letters, an operator's business: which there are, of every tenant, and sending them again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.events.dead_letter_views import DeadLetterPage, DeadLetterView, ReplayBody, ReplayView
from integrations_hub.events.ports import DeadLetterStore, Kick
from integrations_hub.pagination import page_token, read_page_token
from integrations_hub.views import PageQuery

__all__ = ["DeadLetterService"]

_log = logging.getLogger(__name__)
_ASKED = {"list": "dead-letters"}


@dataclass(frozen=True, slots=True)
class DeadLetterService:
    """What was given up across tenants; of an event its type and reason are told, never its data."""

    store: DeadLetterStore
    kick: Kick

    def list_dead_letters(self, query: PageQuery) -> DeadLetterPage:
        """Return a page, oldest first."""
        position = read_page_token(query.page_token, _ASKED, datetime, UUID)
        found = self.store.dead_letters(_position(position), query.page_size + 1)
        kept = found[: query.page_size]
        token = page_token([kept[-1].dead_at, kept[-1].id], _ASKED) if len(found) > len(kept) else None
        return DeadLetterPage(items=[DeadLetterView.of(one) for one in kept], next_page_token=token)

    def replay_dead_letters(self, caller: Caller, body: ReplayBody) -> ReplayView:
        """Have dead letters sent again, under the ids they had."""
        replayed = self.store.replay(body.ids, body.destination)
        said = {"action": "replay_dead_letters", "actor": caller.subject, "destination": body.destination}
        _log.info("dead letters replayed: %s", replayed, extra=said)
        if replayed:
            self.kick()
        return ReplayView(replayed=replayed)


def _position(position: object) -> tuple[datetime, UUID] | None:
    match position:
        case [datetime() as at, UUID() as id_]:
            return at, id_
    return None
