"""Reading the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from integrations_hub.audit.ports import AuditStore
from integrations_hub.audit.views import AuditPage, AuditView
from integrations_hub.caller import Caller
from integrations_hub.errors import NotFound
from integrations_hub.pagination import page_token, read_page_token
from integrations_hub.views import PageQuery

__all__ = ["AuditService"]


@dataclass(frozen=True, slots=True)
class AuditService:
    """The tenant's audit trail, oldest first."""

    store: AuditStore

    def list_audit(self, caller: Caller, query: PageQuery) -> AuditPage:
        """Return a page of the whole trail; all its pages together verify offline."""
        return self._page(caller, None, query)

    def list_integration_audit(self, caller: Caller, integration_id: UUID, query: PageQuery) -> AuditPage:
        """Return a page of one integration's trail, a deleted one's too.

        Raises:
            NotFound: the tenant never had such an integration.
        """
        return self._page(caller, integration_id, query)

    def _page(self, caller: Caller, integration_id: UUID | None, query: PageQuery) -> AuditPage:
        asked = {"audit": integration_id}
        position = read_page_token(query.page_token, asked, int)
        after = position[0] if position else 0
        assert isinstance(after, int)
        found = self.store.page(caller.tenant, integration_id, after, query.page_size + 1)
        if found is None:
            raise NotFound("There is no integration with this id.")
        kept = found[: query.page_size]
        token = page_token([kept[-1].seq], asked) if len(found) > len(kept) else None
        return AuditPage(items=[AuditView.of(record) for record in kept], next_page_token=token)
