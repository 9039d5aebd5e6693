"""What a client is given, by itself or by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Grant"]


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a token speaks for, and what it allows. `signed_in_at` is in seconds since the epoch, None without a person.

    While a person has not decided yet, `subject` is empty, and `tenant` is where the client named none.
    """

    client_id: str
    tenant: str
    scopes: Sequence[str]
    audience: str | list[str]
    subject: str = ""
    signed_in_at: int | None = None
