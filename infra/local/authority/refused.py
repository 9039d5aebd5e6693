"""What the Authority says no with."""

from __future__ import annotations

__all__ = ["Refused"]


class Refused(Exception):
    """An error answer of RFC 6749 §5.2: its code, a sentence, its status."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        """Keep what the answer says."""
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status
