"""Repositories of Harbor: of one project, or across all the robot sees. Pure.

`GET /repositories` lists all at once, but to a robot only those of public projects
(https://github.com/goharbor/harbor/blob/v2.15.2/src/server/v2.0/handler/repository.go, `listAuthorizedProjectIDs`), so
they are listed project by project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.resources import Resource
from integrations_hub_harbor.documents import PAGE_SIZE, foreign, items
from integrations_hub_harbor.projects import portal

__all__ = ["NAME", "Position", "decode_repositories", "page_number"]

NAME = re.compile(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_NUMBER = r"[1-9][0-9]{0,8}"


def page_number(cursor: str | None) -> int:
    """Return which page a cursor is of: the first without one.

    Raises:
        CheckFailed: `invalid_config` for a cursor that is none of ours.
    """
    if cursor is None:
        return 1
    if not re.fullmatch(_NUMBER, cursor):
        raise _strange_cursor()
    return int(cursor)


@dataclass(frozen=True, slots=True)
class Position:
    """A page of the repositories of the n-th project; both are counted from 1."""

    project: int = 1
    page: int = 1

    @classmethod
    def of(cls, cursor: str | None) -> Position:
        """Return the position a cursor holds: the first without one.

        Raises:
            CheckFailed: `invalid_config` for a cursor that is none of ours.
        """
        if cursor is None:
            return cls()
        match = re.fullmatch(rf"({_NUMBER})\.({_NUMBER})", cursor)
        if not match:
            raise _strange_cursor()
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Return it as a cursor."""
        return f"{self.project}.{self.page}"

    @property
    def project_page(self) -> int:
        """Return the page of the list of projects that holds the project."""
        return (self.project - 1) // PAGE_SIZE + 1

    @property
    def index(self) -> int:
        """Return where on that page it is, from 0."""
        return (self.project - 1) % PAGE_SIZE

    def after(self, pages: int) -> Position:
        """Return the next page of a project that has so many, or the first of the next project."""
        return Position(self.project, self.page + 1) if self.page < pages else Position(self.project + 1)


def decode_repositories(answer: Answer, project: str, root: str) -> tuple[Resource, ...]:
    """Return one page of `GET /projects/{project_name}/repositories`.

    Raises:
        CheckFailed: `permission_missing` when the robot may not list them, `invalid_config` when there is no such
            project; as `judge_status` has it.
    """
    if answer.status == 403:  # noqa: PLR2004 - HTTP
        remedy = "Give the robot account the permission to list repositories there; or name one project in the config."
        evidence = f"the robot may not list the repositories of {project}"
        raise CheckFailed(Reason.PERMISSION_MISSING, evidence, remedy, step=StepName.AUTHORIZE)
    if answer.status == 404:  # noqa: PLR2004 - HTTP
        evidence, remedy = f"Harbor has no project {project}", "Correct the project's name in the config."
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, remedy)
    judge_status(answer)
    return tuple(_repository(one, project, root) for one in items(answer, "repositories"))


def _repository(document: Mapping[str, object], project: str, root: str) -> Resource:
    name, number = document.get("name"), document.get("project_id")
    if not isinstance(name, str) or not NAME.fullmatch(name) or not name.startswith(f"{project}/"):
        raise foreign("repositories")
    short = quote(name.removeprefix(f"{project}/"), safe="")
    # by name: no path of the API takes a repository's number
    page = f"{portal(root)}/projects/{number}/repositories/{short}" if type(number) is int else None
    return Resource(name, name, page)


def _strange_cursor() -> CheckFailed:
    return CheckFailed(Reason.INVALID_CONFIG, "this cursor is not one of Harbor's", "Begin again without a cursor.")
