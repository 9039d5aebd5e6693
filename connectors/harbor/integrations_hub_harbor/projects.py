"""Projects of Harbor, and the one a config or a resource names. Pure.

https://github.com/goharbor/harbor/blob/v2.15.2/src/server/v2.0/handler/project.go (`ListProjects`): a robot is listed
the public projects and its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource
from integrations_hub_harbor.documents import foreign, items

__all__ = ["NAME", "OLDEST_FIRST", "Project", "decode_projects", "named", "portal"]

# https://goharbor.io/docs/2.13.0/working-with-projects/create-projects/
NAME = r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$"
OLDEST_FIRST = {"sort": "creation_time"}  # what is made between two pages comes after both


@dataclass(frozen=True, slots=True)
class Project:
    """One project; `repositories` is how many it has, None where Harbor does not say."""

    id: int
    name: str
    repositories: int | None

    def resource(self, root: str) -> Resource:
        """Return it as others see it."""
        return Resource(str(self.id), self.name, f"{portal(root)}/projects/{self.id}/repositories")


def decode_projects(answer: Answer) -> tuple[Project, ...]:
    """Return one page of `GET /projects`.

    Raises:
        CheckFailed: `wrong_product` when it is not Harbor's document; as `judge_status` has it.
    """
    judge_status(answer)
    return tuple(map(_project, items(answer, "projects")))


def named(name: str) -> str:
    """Return the name of a project that a resource names.

    Raises:
        CheckFailed: `invalid_config` for what cannot be one.
    """
    if not re.fullmatch(NAME, name) or len(name) > 255:  # noqa: PLR2004 - Harbor's own limit
        evidence = "the resource names no project"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Give the project's name as Harbor's portal shows it.")
    return name


def portal(root: str) -> str:
    """Return where people see what the API has."""
    return f"{root.removesuffix('/api/v2.0')}/harbor"


def _project(document: Mapping[str, object]) -> Project:
    number, name, count = (document.get(field) for field in ("project_id", "name", "repo_count"))
    if type(number) is not int or not isinstance(name, str) or not re.fullmatch(NAME, name):
        raise foreign("projects")
    return Project(number, name, count if type(count) is int else None)
