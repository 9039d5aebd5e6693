"""Reading what is known of an integration's health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.errors import NotFound
from integrations_hub.health.model import LatestHealth
from integrations_hub.health.ports import HealthStore
from integrations_hub.health.views import CheckView, HealthView, HistoryQuery, HistoryView, WindowView
from integrations_hub.pagination import page_token, read_page_token

__all__ = ["HealthReader"]

_WINDOWS_H = (24, 7 * 24, 30 * 24)


@dataclass(frozen=True, slots=True)
class HealthReader:
    """One tenant's health, read."""

    store: HealthStore
    now: Callable[[], datetime]

    def get_integration_health(self, caller: Caller, integration_id: UUID, query: HistoryQuery) -> HealthView:
        """Return the latest check, what the last day, week and month add up to, and a page of history.

        Raises:
            NotFound: no such integration.
        """
        asked = {"history": str(integration_id)}
        position = read_page_token(query.page_token, asked, datetime)
        before = position[0] if position else None
        latest = self.latest(caller, integration_id)
        windows = self.store.windows(caller.tenant, integration_id, _WINDOWS_H)
        assert before is None or isinstance(before, datetime)
        found = self.store.history(caller.tenant, integration_id, before, query.page_size + 1)
        kept = found[: query.page_size]
        return HealthView(
            latest=CheckView.of(integration_id, latest, self.now()),
            windows=[WindowView.of(window) for window in windows],
            history=[HistoryView.of(entry) for entry in kept],
            next_page_token=page_token([kept[-1].checked_at], asked) if len(found) > len(kept) else None,
        )

    def latest(self, caller: Caller, integration_id: UUID) -> LatestHealth:
        """Return the latest check.

        Raises:
            NotFound: no such integration.
        """
        latest = self.store.latest(caller.tenant, integration_id)
        if latest is None:
            raise NotFound("There is no integration with this id.")
        return latest
