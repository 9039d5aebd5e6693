"""Reading the catalogue, one method per function: what most calls do, so it is built without what writing needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from pydantic_core import to_json

from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Integration, IntegrationFilter, Position, name_key
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.catalog.summary_views import SummaryView
from integrations_hub.catalog.views import (
    DependentsView,
    DependentView,
    IntegrationView,
    ListQuery,
    Page,
    consumed,
    listed,
)
from integrations_hub.errors import NotFound
from integrations_hub.pagination import page_token, read_page_token
from integrations_hub.views import PageQuery

__all__ = ["CatalogReader", "missing"]

_ENDING_SOON = timedelta(days=30)
_LARGEST_PAGE = 1024 * 1024  # bytes of what callers wrote into a page's items, before it ends early


@dataclass(frozen=True, slots=True)
class CatalogReader:
    """The tenant's catalogue, read."""

    store: CatalogStore
    now: Callable[[], datetime]

    def list_integrations(self, caller: Caller, query: ListQuery) -> Page:
        """Return a page of the tenant's integrations by name."""
        wanted = IntegrationFilter(
            query.type,
            query.category,
            query.status,
            query.tag,
            name_key(query.q) if query.q else None,
            query.deleted,
        )
        asked = query.model_dump(exclude={"page_size", "page_token"})
        after = _position(query, asked)
        found = self.store.page(caller.tenant, wanted, after, query.page_size + 1)
        kept, token = _cut(found, query.page_size, asked)
        now = self.now()
        return Page([listed(one, now) for one in kept], token)

    def get_integration(self, caller: Caller, integration_id: UUID) -> IntegrationView:
        """Return one.

        Raises:
            NotFound: no such integration in this tenant.
        """
        found = self.store.get(caller.tenant, integration_id)
        if found is None:
            raise missing()
        return IntegrationView.of(found, self.now())

    def list_integrations_by_type(self, caller: Caller, type_: str, query: PageQuery) -> Page:
        """Return what programs connect with, and remember that this one reads it."""
        asked = {"byType": type_}
        after = _position(query, asked)
        found = self.store.by_type(caller.tenant, type_, after, query.page_size, consumer=caller.consumer)
        kept, token = _cut(found, query.page_size, asked)
        now = self.now()
        return Page([consumed(one, now) for one in kept], token)

    def list_dependents(self, caller: Caller, integration_id: UUID) -> DependentsView:
        """Return who reads the integration.

        Raises:
            NotFound: no such integration.
        """
        found = self.store.dependents(caller.tenant, integration_id)
        if found is None:
            raise missing()
        return DependentsView(items=[DependentView.of(one) for one in found])

    def get_summary(self, caller: Caller) -> SummaryView:
        """Return the tenant's catalogue in numbers."""
        return SummaryView.of(self.store.summary(caller.tenant, self.now() + _ENDING_SOON))


def _position(query: PageQuery, asked: Mapping[str, object]) -> Position | None:
    """Return where the page starts."""
    parts = read_page_token(query.page_token, asked, str, UUID)
    return Position(*parts) if parts else None  # type: ignore[arg-type]  # the kinds asked for are Position's own


def _cut(
    found: Sequence[Integration], size: int, asked: Mapping[str, object]
) -> tuple[Sequence[Integration], str | None]:
    """Return the page and the token of the next; it ends early where it would pass 1 MiB."""
    kept = found[:size]
    if len(to_json([_written(one) for one in kept])) > _LARGEST_PAGE:
        kept = _that_fit(kept)
    if len(kept) == len(found):
        return kept, None
    return kept, page_token((name_key(kept[-1].name), kept[-1].id), asked)


def _that_fit(page: Sequence[Integration]) -> Sequence[Integration]:
    """Return the first of a page that together stay within 1 MiB, and one at least."""
    weights = accumulate(len(to_json(_written(one))) for one in page)
    fitting = sum(weight <= _LARGEST_PAGE for weight in weights)
    return page[: max(fitting, 1)]


def _written(one: Integration) -> tuple[object, ...]:
    """Return what callers wrote that can be long."""
    return one.config, one.tags, one.maintenance


def missing() -> NotFound:
    """Return the refusal of an id that names nothing of this tenant's."""
    return NotFound("There is no integration with this id.")
