"""What a provider has: enumerated by the integration's connector, one page at a time, and not stored."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from integrations_hub.caller import Caller
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.catalog.reading import missing
from integrations_hub.catalog.resource_views import ResourceQuery, ResourcesPage
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.health.allowance import spend
from integrations_hub.health.ports import ConnectorCall, ConnectorHost
from integrations_hub.health.refusals import refusal_of
from integrations_hub.pagination import page_token, read_page_token

__all__ = ["ResourceService"]


@dataclass(frozen=True, slots=True)
class ResourceService:
    """The tenant's view of what its providers have."""

    store: CatalogStore
    host: ConnectorHost
    per_minute: int

    def list_resources(self, caller: Caller, integration_id: UUID, query: ResourceQuery) -> ResourcesPage:
        """Return one page of a kind, as the provider gives it.

        Raises:
            NotFound: no such integration.
            Invalid: its connector enumerates no such kind.
            TooManyRequests: the tenant's calls of this minute are spent.
            ProviderFailed, Unavailable: the provider did not give it.
        """
        asked = {"resources": str(integration_id), "kind": query.kind}
        position = read_page_token(query.page_token, asked, str)
        found = self.store.get(caller.tenant, integration_id)
        if found is None:
            raise missing()
        spend(self.store, caller, "resources", self.per_minute)
        call = ConnectorCall(
            tenant_id=found.tenant_id, type=found.type, config=found.config, auth_ref_uri=found.auth_ref_uri
        )
        try:
            page = self.host.discover(call, query.kind, str(position[0]) if position else None)
        except CheckFailed as failure:
            raise refusal_of(failure) from None
        return ResourcesPage.of(page, page_token((page.next_cursor,), asked) if page.next_cursor else None)
