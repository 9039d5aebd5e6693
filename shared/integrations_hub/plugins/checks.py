"""Checks: one integration asked how it stands, within its slots and its time; it ends as data, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from time import monotonic

from integrations_hub.connector.contract import CheckResult, ConnectorConfig, Credential, Probe
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.redaction import redacting
from integrations_hub.health.ports import CheckJob
from integrations_hub.health.rests import Rests, left_alone
from integrations_hub.plugins.canary import EgressCanary
from integrations_hub.plugins.outcomes import crashed, ended, failed, late, redacted
from integrations_hub.plugins.reach import Reach
from integrations_hub.plugins.slots import Slots
from integrations_hub.plugins.subjects import AnyConnector, Subject, Subjects, with_certificate

__all__ = ["Checks"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checks:
    """Runs checks of the connectors of this process."""

    subjects: Subjects
    reach: Reach
    slots: Slots
    rests: Rests
    canary: EgressCanary | None = None

    async def check(self, job: CheckJob) -> CheckResult:
        """Run one check; it never raises."""
        try:
            result = await self._in_turn(job)
            return await self.canary.blamed(result) if self.canary else result
        except Exception as broken:  # noqa: BLE001 - a check ends as data, whatever happens
            _log.exception("the check itself broke", extra={"tenantId": job.tenant_id, "providerType": job.type})
            return ended(crashed(broken))

    async def _in_turn(self, job: CheckJob) -> CheckResult:
        """Run a check when there is a slot for it."""
        try:
            subject = self.subjects.of(job)
            async with self.slots.taken(job.tenant_id, subject.target):
                return await self._polite(job, subject)
        except CheckFailed as failure:
            return ended(failure)

    async def _polite(self, job: CheckJob, subject: Subject) -> CheckResult:
        """Run a check unless its provider is to be left alone; remember when it asks for that."""
        counted_by = (job.tenant_id, subject.target, job.auth_ref_uri or "")
        wait_s = self.rests.left_s(counted_by)
        if wait_s:
            return left_alone(wait_s)
        result = await self._prepared(job, subject)
        self.rests.note(counted_by, result.retry_after_s)
        return result

    async def _prepared(self, job: CheckJob, subject: Subject) -> CheckResult:
        """Resolve the secret and run the check; once more where the secret was rejected and has changed since.

        Raises:
            CheckFailed: the secret cannot be had.
        """
        ends = monotonic() + self.reach.limits.check_s
        subject = await with_certificate(subject, job.tenant_id, self.reach.credentials)
        credential = await self.reach.credential(job, subject)
        result = await self._run(subject, credential, job.sequence, ends)
        fresh = await self.reach.fresh(job, subject, credential, result.reason)
        if fresh is not None:
            result = await self._run(subject, fresh, job.sequence, ends)
        facts = await self.reach.facts(job.tenant_id, job.auth_ref_uri) if job.auth_ref_uri else None
        return replace(result, facts=facts)

    async def _run(self, subject: Subject, credential: Credential, sequence: int, ends: float) -> CheckResult:
        """Run the connector's check within what is left of its time, and take the secrets out of what it said."""
        limit_s = max(ends - monotonic(), 0.0)
        probe = Probe(subject.config, credential, self.reach.sender(subject, limit_s), sequence)
        with subject.redacting(), redacting(credential) as redactor:
            found = await _found(subject.connector, probe, limit_s)
            return redacted(subject.with_end(found), redactor)


async def _found(connector: AnyConnector, probe: Probe[ConnectorConfig], limit_s: float) -> CheckResult:
    """Return what a check found, however it ended."""
    try:
        async with asyncio.timeout(limit_s):
            await connector.check_health(probe)
    except CheckFailed as failure:
        result = probe.result()
        return result if result.failed else failed(result, failure)
    except TimeoutError:
        result = probe.result()
        return result if result.failed else failed(result, late())
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - whatever a connector raises is data
        _log.exception("the connector crashed", extra={"providerType": connector.type})
        return failed(probe.result(), crashed(broken))
    return probe.result()
