"""Strangers' connectors behind the port `ConnectorHost`: each call in a child process behind walls.

The hub never imports a stranger's code. It tells a child what to do, gives it the secrets of that call once it has
said where the integration points, sends its requests under the same guard as everybody's, and judges its answer.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from typing import Any, TypeVar

from integrations_hub.connector.config_safety import find_secrets
from integrations_hub.connector.contract import (
    CheckResult,
    Delivery,
    EventRejected,
    ReceivedEvent,
    ResourcePage,
    Webhook,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import Discovered, Invalid, Validated, WebhookStands
from integrations_hub.connector.from_hub import Check, Discover, SetUpWebhook, Task, Validate, VerifyEvent
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.errors import Invalid as InvalidInput
from integrations_hub.errors import Unavailable, Violation
from integrations_hub.health.ports import CheckJob, ConnectorCall, CredentialSource, ValidConfig, WebhookRequest
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.canary import EgressCanary
from integrations_hub.plugins.child import broken
from integrations_hub.plugins.conversation import stated
from integrations_hub.plugins.grants import CheckGrants, EventGrants, Grants, NoGrants
from integrations_hub.plugins.isolated_call import Answer, StrangerCalls, expected, found, proven, rejected
from integrations_hub.plugins.outcomes import crashed, ended, late
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.strangers import Stranger
from integrations_hub.plugins.subjects import as_stored, not_installed

__all__ = ["IsolatedHost"]

_log = logging.getLogger(__name__)
_VALIDATE_S = 10.0
_STARTING_S = 30.0  # for a place among the children
T = TypeVar("T")


class IsolatedHost:
    """Runs strangers' connectors in children, on the process's background loop."""

    def __init__(
        self,
        plugins: Plugins,
        credentials: CredentialSource,
        calls: StrangerCalls,
        loop: BackgroundLoop,
        canary: EgressCanary | None = None,
    ) -> None:
        """Hold the parts; nothing is started. `canary` is for strangers whose requests the hub sends."""
        self._plugins = plugins
        self._credentials = credentials
        self._calls = calls
        self._loop = loop
        self._canary = canary

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config.

        Raises:
            Invalid: the type is not installed, or the config is wrong.
            Unavailable: the connector does not do its part.
        """
        stranger = self._plugins.stranger(type_)
        if stranger is None:
            raise not_installed(self._plugins)
        pasted = find_secrets(config)  # before anything of it leaves the hub's process
        if pasted:
            raise _wrong(pasted)
        try:
            return self._validated(stranger, config)
        except CheckFailed as failure:
            raise Unavailable(
                f"The connector of this type does not work: {failure.evidence}. {failure.remedy}"
            ) from None

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result in time and never raises."""
        try:
            return self._loop.submit(self._check(self._stranger(job), job))
        except CheckFailed as failure:
            done: Future[CheckResult] = Future()
            done.set_result(ended(failure))
            return done

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind.

        Raises:
            CheckFailed: why there is none.
        """
        stranger = self._stranger(call)
        stranger.require(f"discover:{kind}")
        task = Discover(config=dict(call.config), resource_kind=kind, cursor=cursor)
        answer = self._answered(self._asked(stranger, task, CheckGrants(self._credentials, call)))
        return answer.bounds.page(expected(answer, Discovered))

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events.

        Raises:
            CheckFailed: why it does not.
        """
        stranger, events = self._stranger(call), tuple(wanted.events)
        stranger.require("webhook")
        task = SetUpWebhook(config=dict(call.config), url=wanted.url, resource=wanted.resource, events=events)
        grants = CheckGrants(self._credentials, call, wanted.secret_ref)
        answer = self._answered(self._asked(stranger, task, grants))
        return answer.bounds.webhook(expected(answer, WebhookStands))

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what a delivery says, proven by the secret or the one it has lately replaced.

        Raises:
            EventRejected: it is not proven.
            CheckFailed: that cannot be told.
        """
        stranger = self._stranger(call)
        stranger.require("webhook")
        task = VerifyEvent(
            config=dict(call.config),
            headers=tuple(delivery.headers.items()),
            body=delivery.body,
            received_at=delivery.received_at,
        )
        return self._answered(self._verified(stranger, task, EventGrants(self._credentials, call, secret_ref)))

    def _stranger(self, call: ConnectorCall) -> Stranger:
        """Return the type's connector. In the caller's thread: looking for it may start children.

        Raises:
            CheckFailed: there is none, or none may run.
        """
        stranger = self._plugins.stranger(call.type)
        if stranger is None:
            raise self._plugins.refusal() or broken(f"for the type {call.type} is not installed")
        return stranger

    def _validated(self, stranger: Stranger, config: Mapping[str, Any]) -> ValidConfig:
        answer = self._answered(self._calls.ask(stranger, Validate(config=dict(config)), NoGrants(), _VALIDATE_S))
        if isinstance(answer.said, Invalid):
            raise _wrong(answer.bounds.violations(answer.said))
        said = expected(answer, Validated)
        if find_secrets(said.config):
            raise broken("puts what looks like a secret into the config")
        try:
            _, target = stated(said.endpoint)
        except ProtocolBroken as lie:
            raise broken(f"does not keep to the protocol: {lie}") from None
        return ValidConfig(
            config=as_stored(said.config),
            category=stranger.category,
            target=str(target),
            credential=stranger.credential,
            references={name: uri for name, uri in said.references.items() if uri in said.config.values()},
            proxy=said.endpoint.proxy,
        )

    async def _check(self, stranger: Stranger, job: CheckJob) -> CheckResult:
        try:
            result = await self._result(stranger, job)
            return await self._canary.blamed(result) if self._canary else result
        except Exception as fault:  # noqa: BLE001 - a check ends as data, whatever happens
            _log.exception("the check itself broke", extra={"tenantId": job.tenant_id, "providerType": job.type})
            return ended(crashed(fault))

    async def _result(self, stranger: Stranger, job: CheckJob) -> CheckResult:
        task = Check(config=dict(job.config), sequence=job.sequence)
        try:
            grants = CheckGrants(self._credentials, job)
            result = grants.with_end(found(await self._asked(stranger, task, grants)))
            return replace(result, facts=await grants.facts())
        except CheckFailed as failure:
            return ended(failure)

    async def _verified(self, stranger: Stranger, task: VerifyEvent, grants: EventGrants) -> ReceivedEvent:
        """Try the secrets at hand; where none proves it, they may have been rotated a moment ago: read them again."""
        try:
            return await self._proven(stranger, task, grants)
        except EventRejected:
            if not await grants.renewed():
                raise
        return await self._proven(stranger, task, grants)

    async def _proven(self, stranger: Stranger, task: VerifyEvent, grants: EventGrants) -> ReceivedEvent:
        try:
            return proven(await self._ask(stranger, task, grants))
        except CheckFailed as failure:
            if failure.reason in {Reason.CONNECTOR_CRASHED, Reason.TIMEOUT}:
                raise EventRejected(failure.evidence) from None  # whoever sent it may have meant it to
            raise

    async def _asked(self, stranger: Stranger, task: Task, grants: CheckGrants) -> Answer:
        """Ask once; once more where the secret was rejected and has changed since."""
        answer = await self._ask(stranger, task, grants)
        if rejected(answer) and await grants.renewed():
            return await self._calls.ask(stranger, task, grants, grants.left_of(self._calls.limits.check_s))
        return answer

    async def _ask(self, stranger: Stranger, task: Task, grants: Grants) -> Answer:
        return await self._calls.ask(stranger, task, grants, self._calls.limits.check_s)

    def _answered(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a call that has its own deadline; the rest is for a place among the children."""
        try:
            return self._loop.submit(work).result(self._calls.limits.check_s + _STARTING_S)
        except FutureTimeoutError:
            raise late() from None


def _wrong(places: Sequence[tuple[str, str]]) -> InvalidInput:
    violations = [Violation(f"/config{pointer}", sentence) for pointer, sentence in places]
    return InvalidInput("The config is not valid; errors say where.", violations)
