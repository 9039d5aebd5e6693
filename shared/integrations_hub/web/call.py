"""What a handler is given: the request, already authenticated, its query and body already parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from integrations_hub.caller import Caller
from integrations_hub.web.messages import Request

__all__ = ["BodyT", "Call", "QueryT"]

QueryT = TypeVar("QueryT", bound=BaseModel)
BodyT = TypeVar("BodyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[QueryT, BodyT]):
    """One call of one function. `identity` is None where the route asks for no token."""

    request: Request
    query: QueryT
    body: BodyT
    identity: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Return who is calling.

        Raises:
            LookupError: the route was exposed with `scope=None`, so nobody was asked.
        """
        if self.identity is None:
            raise LookupError("a route without a scope has no caller")
        return self.identity

    @property
    def integration_id(self) -> UUID:
        """Return the id in the path; it was checked before the handler was called."""
        return UUID(self.path("integration_id"))

    @property
    def raw_body(self) -> bytes:
        """Return the body as it was sent, for signatures and idempotency hashes."""
        return self.request.body

    def path(self, name: str) -> str:
        """Return a parameter of the path by its name in the template."""
        return self.request.path_params[name]
