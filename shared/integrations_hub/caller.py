"""Who is calling: what a verified token says, and nothing a header says."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["TENANT", "Caller"]

TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a tenant may be called; a whole name is matched."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. `client_id` names the program; `interactive` is true when a person is at the keyboard."""

    tenant: str
    subject: str
    scopes: frozenset[str]
    client_id: str | None = None
    interactive: bool = False

    @property
    def consumer(self) -> str | None:
        """Return the program this caller is, as dependents are counted; none for a person."""
        return None if self.interactive else self.client_id or self.subject
