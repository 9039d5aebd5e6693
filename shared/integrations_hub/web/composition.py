"""The two things a face asks of the composition root, at its first request: never at import, which is a cold start."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

__all__ = ["Composition", "Verifier", "composition"]


class Verifier(Protocol):
    """Whoever can tell a true token from a false one."""

    def verify(self, token: str) -> Mapping[str, object]:
        """Return the token's claims.

        Raises:
            Unauthenticated: the token does not verify.
            Unavailable: the Authority's keys were never read and cannot be now.
        """


class Composition(Protocol):
    """What `integrations_hub.bootstrap` offers the web."""

    def token_verifier(self) -> Verifier:
        """Return the process's one verifier."""

    def readiness(self) -> bool:
        """Tell whether the process can serve: whether the database answers."""


def composition() -> Composition:
    """Return the composition root. By name: the layers forbid `web` to import it, and it imports `web`."""
    return cast("Composition", import_module("integrations_hub.bootstrap"))
