"""Dead letters on the wire."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from integrations_hub.events.model import DeadLetter, EventType
from integrations_hub.views import Answer, Body, Instant, Printable

__all__ = ["DeadLetterPage", "DeadLetterView", "ReplayBody", "ReplayView"]


class DeadLetterView(Answer):
    """An event that was given up on its way to one destination: a channel, or a tenant's own `<tenant>/<route>`."""

    id: UUID
    event_id: UUID
    destination: str
    tenant_id: str
    integration_id: UUID
    type: EventType
    created_at: Instant
    dead_at: Instant
    attempts: int
    error: str

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """Write a dead letter."""
        return cls(**{name: getattr(letter, name) for name in cls.model_fields})


class DeadLetterPage(Answer):
    """A page of dead letters, oldest first."""

    items: list[DeadLetterView]
    next_page_token: str | None


class ReplayBody(Body):
    """Which to send again: those with these ids, or all of one destination."""

    ids: list[UUID] = Field(default_factory=list, max_length=1000, description="`id` of dead letters.")
    destination: Printable | None = Field(None, min_length=1, max_length=128, description="As the list has it.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.ids) == bool(self.destination):
            message = "give either `ids` or `destination`"
            raise ValueError(message)
        return self


class ReplayView(Answer):
    """How many are sent again."""

    replayed: int
