"""The sweep: claim what is due, in every tenant, and have it checked: here, or by workers behind a queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from time import monotonic
from typing import Protocol

from integrations_hub.health.incidents import Incidents
from integrations_hub.health.model import Claim
from integrations_hub.health.ports import CheckQueue, SweepStore
from integrations_hub.health.service import LEASE_S
from integrations_hub.health.worker import CheckWorker

__all__ = ["Dispatch", "InProcess", "Queued", "SweepReport", "SweepService"]

_BATCH = 1000
_A_TICK_S = 50.0  # of a schedule that comes every minute
_QUEUEING_S = 60.0  # how long a message may wait behind others
_PAUSES = 3  # without a late one, until nothing is believed to wait behind a cap


@dataclass(slots=True)
class SweepReport:
    """What one sweep did: how many it claimed, and of these how many were recorded, sent to workers, given back.

    `stale` results came too late: their lease had gone to somebody else.
    """

    claimed: int = 0
    recorded: int = 0
    stale: int = 0
    sent: int = 0
    given_back: int = 0


class Dispatch(Protocol):
    """How what is due gets to whoever checks it."""

    def dispatch(self, seconds: float) -> SweepReport:
        """Dispatch what is due, within so many seconds."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """Checks in this process, claiming no more at once than there is room for."""

    store: SweepStore
    worker: CheckWorker
    batch: int

    def dispatch(self, seconds: float) -> SweepReport:
        """Check what is due."""
        done = self.worker.run(lambda room: self.store.claim_due(min(room, self.batch), LEASE_S), seconds)
        return SweepReport(done.claimed, done.recorded, done.stale, 0, done.given_back)


@dataclass(frozen=True, slots=True)
class Queued:
    """Sends claims to workers through a queue; what cannot be sent is given back.

    What waits behind the caps of a host or a tenant is claimed as its leases come back, asked for every `pause_s`.
    """

    store: SweepStore
    queue: CheckQueue
    now: Callable[[], datetime]
    batch: int = _BATCH
    pause_s: float = 1.0
    stopping: Event = field(default_factory=Event)

    def dispatch(self, seconds: float) -> SweepReport:
        """Send all that is due until the queue's look-ahead is over."""
        ends, report, pauses = monotonic() + seconds, SweepReport(), 0
        while monotonic() < ends and not self.stopping.is_set():
            now = self.now()
            claims, unsent = self._sent(now, report)
            if unsent:
                break
            if len(claims) == self.batch:
                continue
            # a late one may have been one of many, of which a cap let no more through
            pauses = _PAUSES if any(_is_due(claim, now) for claim in claims) else pauses - 1
            if pauses < 0 or self.stopping.wait(min(self.pause_s, max(ends - monotonic(), 0.0))):
                break
        return report

    def _sent(self, now: datetime, report: SweepReport) -> tuple[Sequence[Claim], Sequence[Claim]]:
        """Claim and send once; return what was claimed, and what of it could not be sent."""
        ahead = self.queue.look_ahead_s
        claims = self.store.claim_due(self.batch, ahead + _QUEUEING_S + LEASE_S, ahead)
        unsent = self.queue.send(claims, now) if claims else ()
        report.claimed += len(claims)
        report.sent += len(claims) - len(unsent)
        if unsent:
            report.given_back += self.store.give_back(unsent)
        return claims, unsent


def _is_due(claim: Claim, now: datetime) -> bool:
    due = claim.standing.next_check_at
    return due is not None and due <= now


@dataclass(frozen=True, slots=True)
class SweepService:
    """Sweeps over all tenants' due integrations."""

    incidents: Incidents
    way: Dispatch

    def sweep_health(self, seconds: float | None = None) -> SweepReport:
        """Dispatch what is due, within so many seconds; without a limit of the caller's, within a schedule's minute.

        Results are recorded as they come, so a slow one keeps nobody waiting.
        """
        self.incidents.close_what_is_over()
        self.incidents.wake_rotated()
        return self.way.dispatch(_A_TICK_S if seconds is None else seconds)
