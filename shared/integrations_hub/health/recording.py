"""Recording: results written in a thread of their own, so that checks begin and end meanwhile.

One write at a time: what ends while it lasts goes together into the next, and so the more there is to write, the less
each result costs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime
from time import sleep

from integrations_hub.connector.results import CheckResult
from integrations_hub.errors import StorageUnavailable
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.machine import OF_A_TENANT, conclude
from integrations_hub.health.model import Claim, Recorded
from integrations_hub.health.ports import SweepStore
from integrations_hub.health.work import Finished
from integrations_hub.observability.traces import within

__all__ = ["Recorder"]

_log = logging.getLogger(__name__)
_TRIES, _BETWEEN_TRIES_S = 10, 0.5


class Recorder:
    """Concludes and writes what one run of a worker found.

    `recorded` and `stale` count; stale results came too late, or could not be written: somebody else checks again.
    """

    def __init__(self, store: SweepStore, incidents: Incidents, now: Callable[[], datetime]) -> None:
        """Begin with nothing to write; the thread starts with the first result."""
        self.recorded = self.stale = 0
        self._store, self._incidents, self._now = store, incidents, now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._waiting: list[Finished] = []
        self._write: Future[None] | None = None

    @property
    def behind(self) -> int:
        """Count the results that wait for a write under way."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Tell whether a write is under way, or has ended unnoticed."""
        return self._write is not None

    def put(self, finished: Sequence[Finished] = ()) -> bool:
        """Have results written, now or after the write under way; return whether one has ended since the last call."""
        self._waiting += finished
        ended = self._write is not None and self._write.done()
        if ended:
            self._notice()
        if self._waiting and self._write is None:
            batch, self._waiting = self._waiting, []
            self._write = self._thread.submit(copy_context().run, self._record, batch)
        return ended

    def wait(self) -> None:
        """Wait for the write under way."""
        wait([self._write] if self._write else ())

    def end(self) -> None:
        """Write all that is left, and end the thread."""
        with self._thread:
            while self._waiting or self._write:
                self.wait()
                self.put()

    def _notice(self) -> None:
        write, self._write = self._write, None
        if write:
            write.result()  # a fault of ours is raised where the run sees it

    def _record(self, finished: Sequence[Finished]) -> None:
        now = self._now()
        written = self._written([_concluded(claim, result, now) for claim, result in finished])
        self.recorded += written
        self.stale += len(finished) - written

    def _written(self, results: Sequence[Recorded]) -> int:
        """Write results; a database that is away is waited for, as long as leases may last. Return how many."""
        causes = [cause for one in results if (cause := one.standing.cause) and not cause.startswith(OF_A_TENANT)]
        for _ in range(_TRIES):
            try:
                written = len(self._store.record(results))
                self._incidents.opened(causes)
            except StorageUnavailable:  # a commit that did happen makes the next try's leases stale: written once
                sleep(_BETWEEN_TRIES_S)
            else:
                return written
        _log.error("%s results could not be written", len(results), extra={"action": "record"})
        return 0


def _concluded(claim: Claim, result: CheckResult, now: datetime) -> Recorded:
    """Conclude in the trace the claim came of: an alert it causes belongs to it."""
    with within(claim.traceparent):
        return conclude(claim, result, now)
