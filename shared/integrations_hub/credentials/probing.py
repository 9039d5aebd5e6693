"""A sign of life from a backend whose own API has no better question than a read."""

from __future__ import annotations

from integrations_hub.credentials.errors import BackendUnavailable, SecretUnavailable
from integrations_hub.credentials.ports import Reach, SecretBackend

__all__ = ["reached"]


def reached(backend: SecretBackend) -> Reach:
    """Tell whether a backend answers a read; whether the hub could write there, it does not say."""
    try:
        backend.read("probe", "probe", None)
    except BackendUnavailable:
        return Reach(reachable=False, writable=None)
    except SecretUnavailable:
        pass  # refused or not there: it answered
    return Reach(reachable=True, writable=None)
