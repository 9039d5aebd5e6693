"""What a connector can enumerate at its provider: repositories, projects, one page at a time. Data, without I/O."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MAX_CURSOR", "Resource", "ResourcePage"]

MAX_CURSOR = 1024  # characters


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing at a provider.

    `id` is how the provider's API names it for good, `name` how people do (`group/project`), `url` where a person
    sees it, None when it has no page.
    """

    id: str
    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """One page. `next_cursor` is what the connector wants back for the page after it, None at the end.

    A cursor is the connector's own: a page number, a position. It holds no URL and no secret, and whoever brings one
    back may have changed it.
    """

    items: tuple[Resource, ...]
    next_cursor: str | None = None
