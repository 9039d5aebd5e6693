"""From untrusted bytes to models: query, path and body, each fault answered with a sentence that says what to change.

Statuses: what cannot be read is 400, what reads and is wrong is 422, a malformed id is 404 (it names nothing),
a wrong `Content-Type` is 400: the tree has no 415, and the sentence says which type to send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from integrations_hub.errors import BadRequest, HubError, Invalid, NotFound, Violation
from integrations_hub.web.messages import Request
from integrations_hub.web.routing import NoBody
from integrations_hub.web.strict_json import check_text, strict_json

__all__ = ["invalid", "parse_body", "parse_path", "parse_query"]

ModelT = TypeVar("ModelT", bound=BaseModel)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_MOST = 100  # errors: a body of 256 KiB can earn thousands

# A pointer shows names a person would give a field, and never what looks like a token pasted as a name.
_FIELD_NAME = re.compile(r"(?=.{1,64}$)(?!.*[A-Z]{5})[A-Za-z_-]+[0-9]{0,3}[A-Za-z_-]*")


def parse_path(params: Mapping[str, str]) -> None:
    """Refuse a path that can name nothing.

    Raises:
        NotFound: `integration_id` is not a UUID, or a parameter holds unprintable characters.
    """
    for name, value in params.items():
        if not value.isprintable() or (name == "integration_id" and not _UUID.fullmatch(value)):
            raise NotFound("There is nothing at this path. An integration's id is a UUID.")


def parse_query(pairs: Sequence[tuple[str, str]], model: type[ModelT]) -> ModelT:
    """Read the query into its model; each parameter at most once.

    Raises:
        Invalid: an unknown parameter (the sentence names the known ones), one sent twice, or a wrong value.
    """
    known = sorted(field.alias or name for name, field in model.model_fields.items())
    if any(name not in known for name, _ in pairs):
        takes = f"Known are: {', '.join(known)}." if known else "This call takes none."
        raise Invalid(f"The query has an unknown parameter. {takes}")
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Invalid(f"A query parameter is given twice. Give each at most once: {', '.join(known)}.")
    try:
        for value in given.values():
            check_text(value)
        return model.model_validate_strings(given)
    except BadRequest as fault:
        raise Invalid(fault.detail) from None
    except ValidationError as fault:
        raise invalid(fault) from None


def parse_body(request: Request, model: type[ModelT]) -> ModelT:
    """Read the body into its model; `NoBody` looks at nothing.

    Raises:
        BadRequest: the body is not the JSON its Content-Type must say it is.
        Invalid: it is JSON and does not fit; `errors` say where.
    """
    if model is NoBody:
        return model()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadRequest("The body must be JSON. Send it with Content-Type: application/json.")
    strict_json(request.body)
    try:
        # pydantic reads the text again: its rules for JSON (dates, UUIDs, enums) are not those for Python values
        return model.model_validate_json(request.body)
    except ValidationError as fault:
        raise invalid(fault) from None


def invalid(fault: ValidationError, prefix: str = "") -> HubError:
    """Turn pydantic's first errors into a 422 whose pointers start at `prefix`, without the input they are about."""
    violations = [
        Violation(prefix + _pointer(error["loc"]), error["msg"].removeprefix("Value error, "))
        for error in fault.errors(include_url=False, include_context=False, include_input=False)[:_MOST]
    ]
    return Invalid("The input is not valid; errors say where.", violations)


def _pointer(location: tuple[int | str, ...]) -> str:
    """Write a JSON pointer (RFC 6901), cut before the first part that does not look like a field's name."""
    pointer = ""
    for part in location:
        if not isinstance(part, int) and not _FIELD_NAME.fullmatch(part):
            break
        pointer += f"/{part}"
    return pointer
