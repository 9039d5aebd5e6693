"""Reading what is known of an integration's health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.errors import NotFound
from integrations_hub.health.model import LatestHealth, OverviewQuery
from integrations_hub.health.ports import HealthStore
from integrations_hub.health.views import CheckView, HealthView, HistoryQuery, HistoryView, SparkPointView, WindowView
from integrations_hub.pagination import page_token, read_page_token

__all__ = ["HealthReader"]

_WINDOWS_H = (24, 7 * 24, 30 * 24)
_SPARK_POINTS = 24


@dataclass(frozen=True, slots=True)
class HealthReader:
    """One tenant's health, read."""

    store: HealthStore
    now: Callable[[], datetime]

    def get_integration_health(self, caller: Caller, integration_id: UUID, query: HistoryQuery) -> HealthView:
        """Return the latest check, what the last day, week and month add up to, the last day by the hour, and history.

        Raises:
            NotFound: no such integration.
        """
        asked = {"history": str(integration_id)}
        position = read_page_token(query.page_token, asked, datetime)
        before = position[0] if position else None
        assert before is None or isinstance(before, datetime)
        question = OverviewQuery(_WINDOWS_H, _SPARK_POINTS, query.page_size + 1, before)
        found = self.store.overview(caller.tenant, integration_id, question)
        if found is None:
            raise _unknown()
        kept = found.history[: query.page_size]
        return HealthView(
            latest=CheckView.of(integration_id, found.latest, self.now()),
            windows=[WindowView.of(window) for window in found.windows],
            sparkline=[SparkPointView.of(point) for point in found.points],
            history=[HistoryView.of(entry) for entry in kept],
            next_page_token=page_token([kept[-1].checked_at], asked) if len(found.history) > len(kept) else None,
        )

    def latest(self, caller: Caller, integration_id: UUID) -> LatestHealth:
        """Return the latest check.

        Raises:
            NotFound: no such integration.
        """
        latest = self.store.latest(caller.tenant, integration_id)
        if latest is None:
            raise _unknown()
        return latest


def _unknown() -> NotFound:
    return NotFound("There is no integration with this id.")
