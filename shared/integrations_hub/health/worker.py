"""The worker: has claims checked and records what was found, as many at once as it has room for, until its time is up.

However it ends, nothing is lost: what was not finished is given back, and what could not even be given back, because
the process died or the database was away, is due again when its lease ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from time import monotonic

from integrations_hub.errors import StorageUnavailable
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.model import Claim
from integrations_hub.health.ports import ConnectorHost, SweepStore
from integrations_hub.health.recording import Recorder
from integrations_hub.health.stopping import heeding_sigterm
from integrations_hub.health.work import Finished, Work

__all__ = ["LONGEST_CHECK_S", "CheckWorker", "Source", "WorkReport"]

Source = Callable[[int], Sequence[Claim]]
"""Gives up to so many claims, none when there are none now."""

LONGEST_CHECK_S = 25.0  # a check's own limit is 20 s; the rest is for starting and ending it
_ASK_AGAIN_S, _ASK_SOON_S = 1.0, 0.3
_GIVING_BACK_S = 3.0


@dataclass(slots=True)
class WorkReport:
    """What a worker did. `stale` results came too late, or could not be written: somebody else checks again."""

    claimed: int = 0
    recorded: int = 0
    stale: int = 0
    given_back: int = 0


@dataclass(frozen=True, slots=True)
class CheckWorker:
    """Checks what a source of claims gives; `room` is how many at once. Set `stopping` to have it end at once."""

    store: SweepStore
    host: ConnectorHost
    incidents: Incidents
    room: int
    now: Callable[[], datetime]
    stopping: Event = field(default_factory=Event)

    def run(self, source: Source, seconds: float) -> WorkReport:
        """Check until the source is dry, the time is nearly up, or the process is to stop.

        Raises:
            StorageUnavailable: before the first claim. Later it is waited for.
        """
        run = _Run(self, source, seconds)
        with heeding_sigterm(self.stopping):
            try:
                while run.goes_on():
                    run.step()
            finally:
                run.end()
        return run.report


class _Run:
    """One run of a worker: what it has begun, and until when it may."""

    def __init__(self, worker: CheckWorker, source: Source, seconds: float) -> None:
        self.report = WorkReport()
        self._worker, self._source, self._work = worker, source, Work(worker.host)
        self._recorder = Recorder(worker.store, worker.incidents, worker.now)
        self._ends = monotonic() + max(seconds - _GIVING_BACK_S, 0.0)
        self._last_begin = self._ends - LONGEST_CHECK_S
        self._ask_at: float | None = None  # None before the first time

    def goes_on(self) -> bool:
        """Tell whether there is anything left to do, and time for it."""
        if self._worker.stopping.is_set() or monotonic() >= self._ends:
            return False
        return self._ask_at is None or len(self._work) > 0 or self._recorder.busy or self._may_begin()

    def step(self) -> None:
        """Begin what there is room for, and have recorded what has ended."""
        if self._may_begin():
            self._begin()
        if len(self._work):
            self._recorded(self._work.finished(min(self._ends - monotonic(), _ASK_AGAIN_S)))
        else:
            self._recorder.wait()
            self._recorded(())

    def end(self) -> None:
        """Have recorded what has ended meanwhile, and give the rest back."""
        self._recorder.put(self._work.finished(0.0))
        self._recorder.end()
        self.report.recorded, self.report.stale = self._recorder.recorded, self._recorder.stale
        left = self._work.abandon()
        with suppress(StorageUnavailable):  # then its leases end by themselves
            self.report.given_back += self._worker.store.give_back(left)

    def _may_begin(self) -> bool:
        if self._ask_at is None:
            return True
        now = monotonic()
        has_room = len(self._work) <= self._worker.room // 2 and self._recorder.behind <= self._worker.room
        return has_room and self._ask_at <= now < self._last_begin

    def _begin(self) -> None:
        first, room = self._ask_at is None, self._worker.room - len(self._work)
        try:
            claims = self._source(room)
        except StorageUnavailable:
            if first:
                raise
            claims = ()
        self._ask_at = monotonic() if claims else max(monotonic() + _ASK_AGAIN_S, self._dry_until())
        self._work.begin(claims)
        self.report.claimed += len(claims)

    def _recorded(self, finished: Sequence[Finished]) -> None:
        """Have results recorded.

        A dry source is asked sooner after a write: leases that have ended make room under the caps of their host and
        tenant.
        """
        if not self._recorder.put(finished):
            return
        now = monotonic()
        if self._ask_at is not None and len(self._work):
            self._ask_at = min(self._ask_at, now + _ASK_SOON_S)
        elif now < self._ends:
            self._ask_at = now

    def _dry_until(self) -> float:
        """Return when a dry source is asked again: while checks are under way only."""
        return monotonic() if len(self._work) else self._ends
