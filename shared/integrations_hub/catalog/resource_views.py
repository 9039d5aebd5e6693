"""What a provider has, on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from integrations_hub.connector.resources import Resource, ResourcePage
from integrations_hub.views import Answer, Query

__all__ = ["ResourceQuery", "ResourceView", "ResourcesPage"]


class ResourceQuery(Query):
    """Which resources are asked for; a page is as long as the provider makes it."""

    kind: str = Field(
        min_length=1, max_length=64, description="A kind that the type's `capabilities` name: `discover:<kind>`."
    )
    page_token: str | None = Field(
        None, min_length=1, max_length=2048, description="`nextPageToken` of the page before, as it was."
    )


class ResourceView(Answer):
    """One thing at the provider: how its API names it, how people do, and where they see it."""

    id: str
    name: str
    url: str | None

    @classmethod
    def of(cls, resource: Resource) -> Self:
        """Write a resource."""
        return cls(id=resource.id, name=resource.name, url=resource.url)


class ResourcesPage(Answer):
    """A page of what the provider has, in its order."""

    items: list[ResourceView]
    next_page_token: str | None

    @classmethod
    def of(cls, page: ResourcePage, token: str | None) -> Self:
        """Write a page; `token` leads to the next."""
        return cls(items=[ResourceView.of(one) for one in page.items], next_page_token=token)
