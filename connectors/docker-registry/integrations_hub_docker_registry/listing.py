"""What a registry has, one page at a time: its repositories, and the tags of the config's repository."""

from __future__ import annotations

from collections.abc import Iterable

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Access, Resource, ResourcePage
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub_docker_registry import api, paging
from integrations_hub_docker_registry.address import repository_name
from integrations_hub_docker_registry.config import DockerRegistryConfig
from integrations_hub_docker_registry.session import Session

__all__ = ["list_repositories", "list_tags", "repository_of"]

RegistryAccess = Access[DockerRegistryConfig]


def repository_of(access: RegistryAccess) -> str | None:
    """Return the config's repository as the registry names it, None where the config names none."""
    name = access.config.repository
    return repository_name(access.config.endpoint, name) if name else None


async def list_repositories(access: RegistryAccess, cursor: str | None) -> ResourcePage:
    """Return one page of what the registry's catalogue tells this credential.

    Raises:
        CheckFailed: as a check would; `permission_missing` where there is no catalogue for it.
    """
    session = Session(access)
    answer = await _ask(session, api.CATALOG, api.CATALOG_SCOPE, cursor)
    names = api.decode_catalog(answer, anonymous=session.anonymous)
    return _page(access, api.CATALOG, answer, cursor, (Resource(name, name) for name in names))


async def list_tags(access: RegistryAccess, cursor: str | None) -> ResourcePage:
    """Return one page of the tags of the config's repository.

    Raises:
        CheckFailed: as a check would; `invalid_config` where the config names no repository.
    """
    name = repository_of(access)
    if name is None:
        raise CheckFailed(Reason.INVALID_CONFIG, "the config names no repository", "Set the field repository.")
    session, path = Session(access), api.tags_path(name)
    answer = await _ask(session, path, api.pull_scope(name), cursor)
    tags = api.decode_tags(answer, name, anonymous=session.anonymous)
    return _page(access, path, answer, cursor, (Resource(f"{name}:{tag}", tag) for tag in tags))


async def _ask(session: Session, path: str, scope: str, cursor: str | None) -> Answer:
    params = paging.page_params(cursor)
    await session.begin()
    await session.log_in(scoped=True)
    return await session.ask(path, scope, params=params)


def _page(
    access: RegistryAccess, path: str, answer: Answer, cursor: str | None, items: Iterable[Resource]
) -> ResourcePage:
    return ResourcePage(tuple(items), paging.next_cursor(answer, f"{access.config.endpoint}/{path}", cursor))
