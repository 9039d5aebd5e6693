"""Why an event did not arrive."""

from __future__ import annotations

__all__ = ["DeliveryFailed", "DeliveryRefused"]


class DeliveryFailed(Exception):
    """An event did not arrive; the message says why and holds no secret.

    `wait_s`: how long the receiver asked to be left alone.
    """

    def __init__(self, why: str, *, wait_s: float = 0.0) -> None:
        """Say why."""
        super().__init__(why)
        self.wait_s = wait_s


class DeliveryRefused(DeliveryFailed):
    """It will not arrive however often it is sent: it becomes a dead letter at once."""
