"""The in-process adapter of `ConnectorHost`: trusted connectors run here, each check under one deadline.

Whatever a connector does, a check ends in time and as data: a fault of its own is `connector_crashed`, a hang is
`timeout`, and nothing it says leaves without the secrets of the call being taken out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

from integrations_hub.catalog.plugin import PluginCatalog
from integrations_hub.connector.contract import (
    Access,
    CheckResult,
    ConnectorConfig,
    Credential,
    Delivery,
    EventRejected,
    ReceivedEvent,
    ResourcePage,
    Webhook,
    WebhookOrder,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.redaction import Redactor, redacting
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.connector.webhooks import webhook_secret
from integrations_hub.health.incidents import BACKEND, EGRESS
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, CredentialSource, ValidConfig, WebhookRequest
from integrations_hub.health.rests import Rests
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.canary import EgressCanary
from integrations_hub.plugins.checks import Checks
from integrations_hub.plugins.deliveries import proven
from integrations_hub.plugins.outcomes import crashed, late, redacted_failure, redacted_page, redacted_webhook
from integrations_hub.plugins.reach import Reach
from integrations_hub.plugins.slots import Caps, Slots
from integrations_hub.plugins.subjects import AnyConnector, Subject, Subjects, with_certificate

__all__ = ["InProcessHost"]

_log = logging.getLogger(__name__)
_STARTING_S = 5.0
T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class InProcessHost:
    """Runs the connectors of this process on its background loop, under caps."""

    def __init__(
        self,
        plugins: PluginCatalog,
        credentials: CredentialSource,
        transport: Transport,
        loop: BackgroundLoop,
        *,
        caps: Caps,
        limits: Limits | None = None,
        canary: EgressCanary | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Hold the parts; the loop starts with the first check."""
        self._subjects = Subjects(plugins)
        self._credentials = credentials
        self._limits = limits or Limits()
        self._slots = Slots(caps)
        self._reach = Reach(credentials, transport, self._limits)
        self._canary = canary
        self._checks = Checks(self._subjects, self._reach, self._slots, Rests(now), canary)
        self._loop = loop

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config.

        Raises:
            Invalid: the type is not installed, or the config is wrong.
        """
        return self._subjects.validate(type_, config)

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result in time and never raises."""
        return self._loop.submit(self._checks.check(job))

    def look(self, look: Look) -> Future[CredentialFacts | None]:
        """Look at a secret without using it; its future gives None when it cannot be had."""
        return self._loop.submit(self._reach.facts(look.tenant_id, look.auth_ref_uri))

    def is_over(self, cause: str) -> Future[bool]:
        """Ask what a cause is about for a sign of life: a secret backend, or the hub's own egress."""
        return self._loop.submit(self._is_over(cause))

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind.

        Raises:
            CheckFailed: why there is none.
        """

        async def ask(connector: AnyConnector, access: Access[ConnectorConfig]) -> ResourcePage:
            return await connector.discover(access, kind, cursor)

        subject = self._subjects.of(call)
        subject.require_kind(kind)
        return self._answered(self._asked(call, subject, ask, redacted_page))

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events.

        Raises:
            CheckFailed: why it does not.
        """

        async def ask(connector: AnyConnector, access: Access[ConnectorConfig]) -> Webhook:
            target = str(connector.target(access.config))
            found = await self._credentials.credential(call.tenant_id, wanted.secret_ref, target)
            with redacting(found) as redactor:
                order = WebhookOrder(wanted.url, webhook_secret(found), wanted.resource, wanted.events)
                try:
                    return redacted_webhook(await connector.setup_webhook(access, order), redactor)
                except CheckFailed as failure:
                    raise redacted_failure(failure, redactor) from None

        subject = self._subjects.of(call)
        subject.require_webhooks()
        return self._answered(self._asked(call, subject, ask, redacted_webhook))

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what a delivery says, proven by the secret or the one it has lately replaced.

        Raises:
            EventRejected: it is not proven.
            CheckFailed: that cannot be told.
        """
        return self._answered(self._verified(call, secret_ref, delivery))

    async def _is_over(self, cause: str) -> bool:
        if cause == EGRESS:
            return self._canary is None or await self._canary.answers()
        return await self._credentials.reachable(cause.removeprefix(BACKEND))

    def _answered(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a call that has its own deadline; the rest is for a slot."""
        try:
            return self._loop.submit(work).result(self._limits.check_s + _STARTING_S)
        except FutureTimeoutError:
            raise late() from None

    async def _verified(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Try the secrets at hand; where none proves it, they may have been rotated a moment ago: read them again."""
        subject, source = self._subjects.of(call), self._credentials
        subject.require_webhooks()
        try:
            return proven(subject, delivery, await source.webhook_credentials(call.tenant_id, secret_ref))
        except EventRejected:
            fresh = await source.reread_webhook_credentials(call.tenant_id, secret_ref)
            if fresh is None:
                raise
        return proven(subject, delivery, fresh)

    async def _asked(
        self,
        call: ConnectorCall,
        subject: Subject,
        ask: Callable[[AnyConnector, Access[ConnectorConfig]], Awaitable[T]],
        clean: Callable[[T, Redactor], T],
    ) -> T:
        """Ask a connector one question; once more where the secret was rejected and has changed since."""
        async with self._slots.taken(call.tenant_id, subject.target):
            ends = monotonic() + self._limits.check_s
            subject = await with_certificate(subject, call.tenant_id, self._credentials)
            credential = await self._reach.credential(call, subject)
            try:
                return await self._question(subject, credential, ends, ask, clean)
            except CheckFailed as failure:
                fresh = await self._reach.fresh(call, subject, credential, failure.reason)
                if fresh is None:
                    raise
            return await self._question(subject, fresh, ends, ask, clean)

    async def _question(
        self,
        subject: Subject,
        credential: Credential,
        ends: float,
        ask: Callable[[AnyConnector, Access[ConnectorConfig]], Awaitable[T]],
        clean: Callable[[T, Redactor], T],
    ) -> T:
        limit_s = max(ends - monotonic(), 0.0)
        access = Access(subject.config, credential, self._reach.sender(subject, limit_s))
        with subject.redacting(), redacting(credential) as redactor:
            try:
                async with asyncio.timeout(limit_s):
                    return clean(await ask(subject.connector, access), redactor)
            except CheckFailed as failure:
                verdict = redacted_failure(failure, redactor)
            except TimeoutError:
                verdict = late()
            except (Exception, SystemExit) as broken:  # noqa: BLE001 - as below
                _log.exception("the connector crashed", extra={"providerType": subject.connector.type})
                verdict = crashed(broken)
        raise verdict
