"""The secret backends' use case: which there are, and which answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from integrations_hub.catalog.secret_backend_views import SecretBackendsView, SecretBackendView

__all__ = ["BackendStatus", "SecretBackendService"]

_KEPT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """What is known of a backend, without its address; `writable` None: it does not say."""

    kind: str
    reachable: bool
    writable: bool | None


@dataclass(slots=True)
class SecretBackendService:
    """The deployment's backends; they belong to no tenant. Whoever asks again soon costs them no question."""

    probe: Callable[[], Mapping[str, BackendStatus]]
    now: Callable[[], datetime]
    _lock: Lock = field(init=False, repr=False, default_factory=Lock)
    _seen: tuple[datetime, SecretBackendsView] | None = field(init=False, default=None)

    def list_secret_backends(self) -> SecretBackendsView:
        """Ask every backend for a sign of life, all at once; those who ask meanwhile get the same answer."""
        with self._lock:
            if self._seen is None or not timedelta() <= self.now() - self._seen[0] < _KEPT:
                self._seen = self.now(), self._view()
            return self._seen[1]

    def _view(self) -> SecretBackendsView:
        found = sorted(self.probe().items())
        return SecretBackendsView(
            items=[
                SecretBackendView(alias=alias, kind=one.kind, reachable=one.reachable, writable=one.writable)
                for alias, one in found
            ]
        )
