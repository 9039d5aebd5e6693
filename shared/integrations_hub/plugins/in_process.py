"""The in-process adapter of `ConnectorHost`: trusted connectors run here, each check under one deadline.

Whatever a connector does, a check ends in time and as data: a fault of its own is `connector_crashed`, a hang is
`timeout`, and nothing it says leaves without the secrets of the call being taken out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from integrations_hub.catalog.plugin import PluginCatalog
from integrations_hub.connector.contract import (
    CheckResult,
    Connector,
    ConnectorConfig,
    Credential,
    Endpoint,
    Probe,
    Step,
    StepStatus,
)
from integrations_hub.connector.errors import CheckFailed, ConfigInvalid
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Redactor, redacting
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.errors import Invalid, Violation
from integrations_hub.health.ports import CheckJob, CredentialSource, ValidConfig
from integrations_hub.loop import BackgroundLoop

__all__ = ["InProcessHost"]

_log = logging.getLogger(__name__)


class InProcessHost:
    """Runs the connectors of this process on its background loop, at most `concurrency` checks at once."""

    def __init__(
        self,
        plugins: PluginCatalog,
        credentials: CredentialSource,
        transport: Transport,
        loop: BackgroundLoop,
        *,
        concurrency: int,
        limits: Limits | None = None,
    ) -> None:
        """Hold the parts; the loop starts with the first check."""
        self._plugins = plugins
        self._credentials = credentials
        self._transport = transport
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(concurrency)
        self._loop = loop

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config.

        Raises:
            Invalid: the type is not installed, or the config is wrong.
        """
        connector = self._plugins.get(type_)
        if connector is None:
            known = ", ".join(self._plugins.types()) or "none"
            raise Invalid("This type is not installed.", [Violation("/type", f"must be one of: {known}")])
        try:
            model = connector.validate_config(config)
            target = str(connector.target(model))
        except ConfigInvalid as invalid:
            violations = [Violation(f"/config{pointer}", sentence) for pointer, sentence in invalid.violations]
            raise Invalid("The config is not valid; errors say where.", violations) from None
        return ValidConfig(
            config=_as_stored(model.model_dump(mode="json", by_alias=True, exclude_none=True)),
            category=connector.category,
            target=target,
            credential=connector.credential,
        )

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result in time and never raises."""
        return self._loop.submit(self._check(job))

    async def _check(self, job: CheckJob) -> CheckResult:
        async with self._slots:
            try:
                return await self._prepared(job)
            except CheckFailed as failure:
                return _ended(failure)
            except Exception as broken:  # noqa: BLE001 - a check ends as data, whatever happens
                _log.exception("the check itself broke", extra={"tenantId": job.tenant_id, "providerType": job.type})
                return _ended(_crashed(broken))

    async def _prepared(self, job: CheckJob) -> CheckResult:
        """Bring together what a check needs, and run it; once more where the secret was rejected and has changed since.

        Raises:
            CheckFailed: a part is missing: the connector, a config it still accepts, the secret.
        """
        ends = monotonic() + self._limits.check_s
        subject = self._subject(job)
        credential = await self._credential(job, subject)
        result = await self._run(subject, credential, job.sequence, ends)
        if result.reason is Reason.CREDENTIAL_REJECTED and job.auth_ref_uri is not None:
            fresh = await self._credentials.reread(job.tenant_id, job.auth_ref_uri, subject.target)
            if fresh is not None and fresh != credential:
                return await self._run(subject, fresh, job.sequence, ends)
        return result

    def _subject(self, job: CheckJob) -> _Subject:
        connector = self._plugins.get(job.type)
        if connector is None:
            evidence = f"no connector for the type {job.type} is installed"
            raise CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "Install the connector, or delete the integration.")
        try:
            config = connector.validate_config(job.config)
            return _Subject(connector, config, connector.endpoint(config), str(connector.target(config)))
        except ConfigInvalid as invalid:
            evidence = f"the connector no longer accepts the config: {invalid}"
            raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Update the config.", step=StepName.PRODUCT) from None

    async def _credential(self, job: CheckJob, subject: _Subject) -> Credential:
        if job.auth_ref_uri is None:
            return Credential()
        return await self._credentials.credential(job.tenant_id, job.auth_ref_uri, subject.target)

    async def _run(self, subject: _Subject, credential: Credential, sequence: int, ends: float) -> CheckResult:
        """Run the connector's check within what is left of its time, and take the secrets out of what it said."""
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really checks

        limits = replace(self._limits, check_s=max(ends - monotonic(), 0.0))
        probe = Probe(subject.config, credential, Sender(self._transport, subject.endpoint, limits), sequence)
        with redacting(credential) as redactor:
            return _redacted(await _found(subject.connector, probe, limits.check_s), redactor)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a check is of: the connector, the config as it reads it, and where that points."""

    connector: Connector[ConnectorConfig]
    config: ConnectorConfig
    endpoint: Endpoint
    target: str


async def _found(connector: Connector[ConnectorConfig], probe: Probe[ConnectorConfig], limit_s: float) -> CheckResult:
    """Return what a check found, however it ended."""
    try:
        async with asyncio.timeout(limit_s):
            await connector.check_health(probe)
    except CheckFailed as failure:
        result = probe.result()
        return result if result.failed else _with(result, failure)
    except TimeoutError:
        result = probe.result()
        late = CheckFailed(Reason.TIMEOUT, "the check did not end in time", "Look at the provider's load.")
        return result if result.failed else _with(result, late)
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - as above
        _log.exception("the connector crashed", extra={"providerType": connector.type})
        return _with(probe.result(), _crashed(broken))
    return probe.result()


def _as_stored(value: Any) -> Any:
    """Order names as PostgreSQL's jsonb does, so that what is answered now is, byte for byte, what is read later."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return {name: _as_stored(value[name]) for name in names}
    return [_as_stored(one) for one in value] if isinstance(value, list) else value


def _crashed(broken: Exception | SystemExit) -> CheckFailed:
    evidence = f"the connector failed with {type(broken).__name__}"
    return CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "This is a fault of the connector's: see the hub's log.")


def _ended(failure: CheckFailed) -> CheckResult:
    """Return the result of a check that failed before its first step."""
    return _with(CheckResult(steps=(), latency_ms=0.0), failure)


def _with(result: CheckResult, failure: CheckFailed) -> CheckResult:
    """Return a result that ends with a failed step."""
    name = failure.step or StepName.PRODUCT
    step = Step(name, StepStatus.FAILED, 0.0, failure.evidence, failure.reason, failure.remedy)
    kept = tuple(one for one in result.steps if one.name is not name)
    return replace(result, steps=(*kept, step), retry_after_s=failure.retry_after_s)


def _redacted(result: CheckResult, redactor: Redactor) -> CheckResult:
    """Take the secrets of the call out of everything a connector said."""
    steps = tuple(
        replace(step, evidence=redactor.redact(step.evidence), remedy=redactor.redact(step.remedy))
        for step in result.steps
    )
    return replace(result, steps=steps)
