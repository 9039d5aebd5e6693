"""List what the robot sees, one page a call.

Harbor takes a wrong, expired or disabled robot for an anonymous caller and lists what is public, so each call first
proves the robot.
"""

from __future__ import annotations

from integrations_hub.connector.resources import Resource, ResourcePage
from integrations_hub_harbor.api import decode_system_info
from integrations_hub_harbor.documents import PAGE_SIZE, pages, total
from integrations_hub_harbor.projects import OLDEST_FIRST, Project, decode_projects
from integrations_hub_harbor.repositories import Position, decode_repositories, page_number
from integrations_hub_harbor.session import Session

__all__ = ["list_projects", "list_repositories"]

_MOST_REQUESTS = 10  # in one call, of many projects with few repositories each


async def list_projects(session: Session, cursor: str | None) -> ResourcePage:
    """Return one page of the projects the robot sees.

    Raises:
        CheckFailed: as a check would; `invalid_config` for a cursor that is none of ours.
    """
    number = page_number(cursor)
    await _prove(session)
    answer = await session.page("projects", number, OLDEST_FIRST)
    found = tuple(project.resource(session.root) for project in decode_projects(answer))
    return ResourcePage(found, str(number + 1) if found and number < pages(answer) else None)


async def list_repositories(session: Session, project: str | None, cursor: str | None) -> ResourcePage:
    """Return one page of the repositories of a project, or across all the robot sees.

    Raises:
        CheckFailed: as a check would; `invalid_config` for a cursor that is none of ours.
    """
    if project is None:
        return await _list_across(session, Position.of(cursor))
    number = page_number(cursor)
    await _prove(session)
    found, count = await _page_of(session, project, number)
    return ResourcePage(found, str(number + 1) if found and number < count else None)


async def _list_across(session: Session, at: Position) -> ResourcePage:
    await _prove(session)
    answer = await session.page("projects", at.project_page, OLDEST_FIRST)
    listed, found = decode_projects(answer), list[Resource]()
    this_page = at.project_page
    for _ in range(_MOST_REQUESTS):
        at = _skip_empty(at, listed)
        if at.project_page > this_page or at.index >= len(listed) or len(found) >= PAGE_SIZE:
            break
        more, count = await _page_of(session, listed[at.index].name, at.page)
        found += more
        at = at.after(count if more else 0)  # an empty page is the project's last, whatever the total says
    # likewise a page of projects that is not full
    goes_on = at.project <= total(answer) if at.project_page > this_page else at.index < len(listed)
    return ResourcePage(tuple(found), str(at) if goes_on else None)


def _skip_empty(at: Position, listed: tuple[Project, ...]) -> Position:
    """Return the first position from here on whose project has repositories, or none that is on this page."""
    while at.index < len(listed) and listed[at.index].repositories == 0:
        at = Position(at.project + 1)
        if at.index == 0:
            break
    return at


async def _page_of(session: Session, project: str, number: int) -> tuple[tuple[Resource, ...], int]:
    answer = await session.page(f"projects/{project}/repositories", number, OLDEST_FIRST)
    return decode_repositories(answer, project, session.root), pages(answer)


async def _prove(session: Session) -> None:
    decode_system_info(await session.get("systeminfo"))
