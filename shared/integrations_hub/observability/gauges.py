"""The gauges: read from the database every so often, and handed to everything that takes metrics."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from threading import Lock
from time import monotonic
from typing import Protocol

from integrations_hub.errors import NotFound, StorageUnavailable
from integrations_hub.observability.labels import Counted, Queue, TenantLabel, gauges
from integrations_hub.observability.sinks import Page, guarded, sinks

__all__ = ["Gauges", "Measures"]

_log = logging.getLogger(__name__)


class Measures(Protocol):
    """What can be counted, over all tenants."""

    def measures(self) -> tuple[Sequence[Counted], Sequence[Queue]]:
        """Return integrations by type, tenant and status, and the queues."""


class Gauges:
    """Reads at most every `period_s` seconds, however many ask."""

    def __init__(self, store: Measures, label: TenantLabel, period_s: float) -> None:
        """Read nothing yet."""
        self._store, self._label, self._period_s = store, label, period_s
        self._lock = Lock()
        self._next = 0.0

    def refresh(self) -> None:
        """Read, where it is time and anybody takes them; a database that is away leaves them as they were."""
        recorders = sinks().recorders
        with self._lock:
            if not recorders or monotonic() < self._next:
                return
            self._next = monotonic() + self._period_s
        try:
            counted, queues = self._store.measures()
        except StorageUnavailable:
            _log.warning("gauges could not be read", extra={"action": "measure"})
            return
        measured = gauges(counted, queues, self._label)
        for recorder in recorders:
            guarded(recorder.measure, measured)

    def page(self) -> tuple[bytes, str]:
        """Return Prometheus's page, as fresh as it may be, and its media type.

        Raises:
            NotFound: METRICS does not name `prometheus`.
        """
        self.refresh()
        for recorder in sinks().recorders:
            if isinstance(recorder, Page):
                return recorder.page(), recorder.content_type
        raise NotFound("There is no page of metrics: METRICS does not name prometheus.")
