"""The sweep: claim what is due, have it checked, record what was found; one engine with the check on demand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime

from integrations_hub.connector.results import CheckResult
from integrations_hub.health.machine import conclude
from integrations_hub.health.model import Claim
from integrations_hub.health.ports import ConnectorHost, SweepStore
from integrations_hub.health.service import LEASE_S, job_of

__all__ = ["SweepReport", "SweepService"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did. `stale` results came too late: their lease had gone to somebody else."""

    claimed: int
    recorded: int
    stale: int


@dataclass(frozen=True, slots=True)
class SweepService:
    """Sweeps over all tenants' due integrations."""

    store: SweepStore
    host: ConnectorHost
    batch: int
    now: Callable[[], datetime]

    def sweep_health(self) -> SweepReport:
        """Check one batch of what is due; results are recorded as they come, so a slow one keeps nobody waiting."""
        claims = self.store.claim_due(self.batch, LEASE_S)
        running = {self.host.submit(job_of(claim)): claim for claim in claims}
        recorded = 0
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            recorded += self._record([(running.pop(future), future) for future in done])
        return SweepReport(len(claims), recorded, len(claims) - recorded)

    def _record(self, finished: Sequence[tuple[Claim, Future[CheckResult]]]) -> int:
        now = self.now()
        written = self.store.record([conclude(claim, future.result(), now) for claim, future in finished])
        for claim, future in finished:
            context = {
                "integrationId": str(claim.integration_id),
                "tenantId": claim.tenant_id,
                "providerType": claim.type,
                "action": "check",
            }
            _log.info("checked: %s", future.result().reason, extra=context)
        return len(written)
