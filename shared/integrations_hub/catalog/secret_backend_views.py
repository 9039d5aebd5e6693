"""The deployment's secret backends on the wire: no secret, no path, no address."""

from __future__ import annotations

from integrations_hub.views import Answer

__all__ = ["SecretBackendView", "SecretBackendsView"]


class SecretBackendView(Answer):
    """A secret backend. `writable`: whether the hub could write there, a right it does not need; null: not told."""

    alias: str
    kind: str
    reachable: bool
    writable: bool | None


class SecretBackendsView(Answer):
    """The secret backends, by alias."""

    items: list[SecretBackendView]
