"""What every body on the wire has in common: camelCase names, unknown fields refused, times in RFC 3339 UTC.

Validators are built when first used (`defer_build`): a function declares more models than one call needs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

__all__ = ["Answer", "Body", "Instant", "PageQuery", "Printable", "Query"]


Instant = datetime
"""A time on the wire: RFC 3339 in UTC; storage gives UTC only."""


def _printable(text: str) -> str:
    """Refuse control characters, separators and what cannot be seen."""
    if not text.isprintable() or text != text.strip():
        message = "must be printable characters without spaces around them"
        raise ValueError(message)
    return text


Printable = Annotated[str, AfterValidator(_printable)]


class Body(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


class Answer(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, frozen=True, extra="forbid", defer_build=True
    )


class Query(BaseModel):
    """Base of query parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


class PageQuery(Query):
    """How a page of a list is asked for."""

    page_size: int = Field(50, ge=1, le=500, description="Items at most; a page may end earlier.")
    page_token: str | None = Field(
        None, min_length=1, max_length=2048, description="`nextPageToken` of the page before, as it was."
    )
