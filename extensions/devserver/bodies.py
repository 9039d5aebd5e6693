"""What requests carry, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, TypeVar

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from devserver.refusals import Malformed
from integrations_hub.errors import HubError
from integrations_hub.web.strict_json import strict_json

__all__ = ["Approval", "PromotionDraft", "Rejection", "flag", "read", "statuses"]

_STATUS = re.compile(r"[a-z][a-z_]{0,63}")
_FLAGS = {"true": True, "false": False}
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128)]
Text = Annotated[str, Field(max_length=2000)]
BodyT = TypeVar("BodyT", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class PromotionDraft(_Body):
    """What is to be promoted where."""

    release_id: Id = Field(alias="releaseId")
    target_environment_id: Id = Field(alias="targetEnvironmentId")
    reason: Text = ""


class Approval(_Body):
    """A word with an approval."""

    comment: Text = ""


class Rejection(_Body):
    """Why not."""

    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


def read(kind: type[BodyT], request: Request, *, optional: bool = False) -> BodyT:
    """Return the body of a request; where it is optional an empty one is an empty object.

    Raises:
        Malformed: it is not JSON, or a member is missing, unknown or wrong; the sentence names it.
    """
    body = request.get_data()
    try:
        document = {} if optional and not body else strict_json(body)
    except HubError as refused:
        raise Malformed("NOT_JSON", refused.detail, 400) from None
    try:
        return kind.model_validate(document)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        member = ".".join(map(str, first["loc"])) or "The body"
        raise Malformed("INVALID", f"{member}: {first['msg']}.") from None


def statuses(request: Request) -> Sequence[str]:
    """Return the statuses the query selects; none selects all.

    Raises:
        Malformed: one is not written as statuses are.
    """
    named = [name for value in request.args.getlist("status") for name in value.split(",")]
    if not all(map(_STATUS.fullmatch, named)):
        raise Malformed("INVALID", "status: name one or more statuses, separated by commas: status=deploying,deployed")
    return named


def flag(request: Request, name: str) -> bool:
    """Return a yes or no of the query; no where it is missing.

    Raises:
        Malformed: it is neither.
    """
    value = request.args.get(name, "false")
    if value not in _FLAGS:
        raise Malformed("INVALID", f"{name}: write true or false.")
    return _FLAGS[value]
