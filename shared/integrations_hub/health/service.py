"""Checks a tenant asks for: of an integration now, or of a draft that is not stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.audit.ports import AuditStore
from integrations_hub.caller import Caller
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.catalog.receipts import Receipts
from integrations_hub.catalog.registration import Registration
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.connector.results import CheckResult
from integrations_hub.errors import Unavailable
from integrations_hub.events.model import Event, EventType
from integrations_hub.health.allowance import spend
from integrations_hub.health.machine import check_status, conclude
from integrations_hub.health.model import Claim, Recorded
from integrations_hub.health.ports import CheckJob, ConnectorHost, HealthStore
from integrations_hub.health.reading import HealthReader
from integrations_hub.health.rests import left_alone
from integrations_hub.health.views import (
    CheckView,
    TestView,
    steps_of,
)

__all__ = ["LEASE_S", "HealthService", "job_of"]

LEASE_S = 60.0
_CHECK_LIMIT_S = 25.0  # a check's own limit is 20 s; the rest is for starting and ending it
_POLL_S = 0.2


def job_of(claim: Claim) -> CheckJob:
    """Return what a connector is asked for a claim."""
    return CheckJob(
        tenant_id=claim.tenant_id,
        type=claim.type,
        config=claim.config,
        auth_ref_uri=claim.auth_ref_uri,
        sequence=claim.standing.checks,
        integration_id=claim.integration_id,
        traceparent=claim.traceparent,
    )


def _announced(result: Recorded) -> Recorded:
    """Add the event that somebody asked for this check; those of the sweep are too many to tell."""
    data = {"status": result.check_status, "reason": result.check_reason, "latencyMs": result.latency_ms}
    return result._replace(events=(*result.events, Event(EventType.CHECKED, result.integration_id, data)))


@dataclass(frozen=True, slots=True)
class HealthService:
    """Checks on demand."""

    reader: HealthReader
    store: HealthStore
    host: ConnectorHost
    catalog: CatalogStore
    audit: AuditStore
    registration: Registration
    receipts: Receipts
    per_minute: int
    now: Callable[[], datetime]

    def check_integration(self, caller: Caller, integration_id: UUID) -> CheckView:
        """Check now, or join the check under way; a Retry-After in force is obeyed and the last result given.

        A check under way whose process died is taken over when its lease ends.

        Raises:
            NotFound: no such integration.
            TooManyRequests: the tenant's checks and tests of this minute are spent.
        """
        known = self.reader.latest(caller, integration_id)
        waits = known.standing.retry_after_until
        if waits and waits > self.now():
            return CheckView.of(integration_id, known, self.now())
        self._spend(caller)
        claim = self.store.claim(caller.tenant, integration_id, LEASE_S)
        claim = claim or self._joined(caller, integration_id, known.standing.checks)
        if claim is not None:
            result = self._run(job_of(claim))
            self.store.record(caller.tenant, _announced(conclude(claim, result, self.now())))
        return CheckView.of(integration_id, self.reader.latest(caller, integration_id), self.now())

    def test_integration(self, caller: Caller, draft: IntegrationDraft) -> TestView:
        """Check a draft without storing it; audited with the host and the AuthRef, which is what could be stolen.

        Raises:
            Invalid: the draft.
            TooManyRequests: the tenant's checks and tests of this minute are spent.
        """
        judged = self.registration.judge(draft, caller)
        self._spend(caller)
        details = {"type": draft.type, "target": judged.valid.target, "authRef": judged.auth_ref_uri}
        self.audit.append(caller, AuditEntry(AuditAction.TESTED, None, details | dict(judged.valid.references)))
        job = CheckJob(
            tenant_id=caller.tenant, type=draft.type, config=judged.valid.config, auth_ref_uri=judged.auth_ref_uri
        )
        until = self.store.resting_until(caller.tenant, judged.valid.target, judged.auth_ref_uri)
        result = left_alone((until - self.now()).total_seconds()) if until else self._run(job)
        return TestView(
            status=check_status(result),
            reason=result.reason,
            latency_ms=round(result.latency_ms, 1),
            error_message=result.decisive.evidence if result.decisive else None,
            steps=steps_of(result.steps),
            credential_ends_at=result.credential_ends_at,
            receipt=self.receipts.issue(caller.tenant, draft),
        )

    def _run(self, job: CheckJob) -> CheckResult:
        """Have a check run and wait for it.

        Raises:
            Unavailable: it did not even begin in time, because all slots are taken.
        """
        try:
            return self.host.submit(job).result(_CHECK_LIMIT_S)
        except TimeoutError:
            raise Unavailable("The hub is busy with other checks. Repeat the request in a moment.") from None

    def _joined(self, caller: Caller, integration_id: UUID, checks: int) -> Claim | None:
        """Wait for the check under way, which may run in another process; claim it where that one left no result."""
        ends = self.now() + timedelta(seconds=_CHECK_LIMIT_S)
        while self.now() < ends:
            latest = self.reader.latest(caller, integration_id)
            if latest.standing.checks > checks:
                return None
            is_over = latest.leased_until is None or latest.leased_until <= self.now()
            if is_over and (claim := self.store.claim(caller.tenant, integration_id, LEASE_S)):
                return claim
            time.sleep(_POLL_S)
        return None

    def _spend(self, caller: Caller) -> None:
        spend(self.catalog, caller, "on-demand", self.per_minute)
