"""When a robot account ends, where Harbor tells it that. Pure.

No address tells a robot of itself. One that may list robots finds itself in the list: of the system's robots, or of its
project's (https://github.com/goharbor/harbor/blob/v2.15.2/src/server/v2.0/handler/robot.go, `ListRobot`). Any other,
and that is most, cannot learn when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub_harbor.documents import foreign, items

__all__ = ["Lifetime", "decode_lifetime", "in_project", "list_params"]

_SOON = timedelta(days=14)
_TOO_MANY = 429
_SEPARATOR = "+"  # of project and name


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a robot ends, None for never."""

    ends_at: datetime | None

    def expiring(self, now: datetime) -> bool:
        """Tell whether it ends within 14 days."""
        return self.ends_at is not None and self.ends_at - now <= _SOON


def in_project(robot: str, project: str | None) -> bool:
    """Tell whether a robot, by its full name, is one of a project's; which prefix it has is the administrator's."""
    return project is not None and robot.rpartition(_SEPARATOR)[0].endswith(project)


def list_params(project_id: int | None) -> Mapping[str, str]:
    """Return what to ask the list of robots by: of the system, or of a project."""
    return {} if project_id is None else {"q": f"Level=project,ProjectID={project_id}"}


def decode_lifetime(answer: Answer, robot: str) -> Lifetime | None:
    """Return a robot's lifetime by one page of `GET /robots`; None when it is not there or may not be seen.

    Raises:
        CheckFailed: `rate_limited`, `server_error`, `wrong_product`.
    """
    if 400 <= answer.status < 500 and answer.status != _TOO_MANY:  # noqa: PLR2004 - the 4xx
        return None
    judge_status(answer)
    found = next((one for one in items(answer, "robots") if one.get("name") == robot), None)
    if found is None:
        return None
    ends = found.get("expires_at")
    if type(ends) is not int:
        raise foreign("robots")
    # -1 is for never: https://goharbor.io/docs/2.13.0/administration/robot-accounts/
    return Lifetime(datetime.fromtimestamp(ends, UTC) if 0 <= ends < 1 << 36 else None)
