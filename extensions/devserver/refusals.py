"""What the platform says no with.

Refusal
├── NotFound        404
├── NotAllowed      403
├── Conflict        409
└── Malformed       400, 422
"""

from __future__ import annotations

__all__ = ["Conflict", "Malformed", "NotAllowed", "NotFound", "Refusal"]


class Refusal(Exception):
    """A refusal the caller can act on: a status, a code for programs, a sentence for people."""

    status = 400

    def __init__(self, code: str, sentence: str, status: int = 0) -> None:
        """Keep what the answer says."""
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
        self.status = status or self.status


class NotFound(Refusal):
    """Nothing of that name in this tenant."""

    status = 404


class NotAllowed(Refusal):
    """This person may not do this."""

    status = 403


class Conflict(Refusal):
    """It cannot be done as things stand."""

    status = 409


class Malformed(Refusal):
    """The request cannot be understood, or a member is wrong."""

    status = 422
