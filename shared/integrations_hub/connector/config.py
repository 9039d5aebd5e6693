"""The base of every connector's config."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["ConfigT", "ConnectorConfig"]


class ConnectorConfig(BaseModel):
    """Base of every connector's config: frozen, unknown fields refused, camelCase on the wire, no secret field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        hide_input_in_errors=True,
    )


ConfigT = TypeVar("ConfigT", bound=ConnectorConfig)
