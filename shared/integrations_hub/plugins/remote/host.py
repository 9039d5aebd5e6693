"""The remote adapter of `ConnectorHost`: asks the function that carries a type's connector, over whatever line.

A line that breaks is not the provider's fault: it ends as `connector_crashed`, which leaves no verdict on anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any, Protocol, TypeVar

from integrations_hub.catalog.secret_backends import BackendStatus
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
from integrations_hub.connector.messages import Message
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.errors import Invalid, Unavailable, Violation
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, ValidConfig, WebhookRequest
from integrations_hub.plugins.outcomes import ended
from integrations_hub.plugins.remote import messages as say
from integrations_hub.plugins.remote.schema import violations_by
from integrations_hub.plugins.subjects import not_one_of

__all__ = ["Line", "LineBroken", "RemoteHost"]

A = TypeVar("A", bound=Message)
T = TypeVar("T")
_WRONG = "The config is not valid; errors say where."


class LineBroken(Exception):
    """There was no answer: what was seen, and what an operator can do about it."""

    def __init__(self, evidence: str, remedy: str) -> None:
        """Keep both; neither holds anything of the call."""
        super().__init__(evidence)
        self.evidence = evidence
        self.remedy = remedy


class Line(Protocol):
    """Carries one question to the function of a type, and its answer back, within 30 s."""

    def ask(self, type_: str, call: bytes) -> bytes:
        """Return the answer.

        Raises:
            LineBroken: there was none.
        """


class RemoteHost:
    """Asks functions; `schemas` gives the published JSON Schema of a type's config, None where there is none."""

    def __init__(
        self, types: Sequence[str], line: Line, schemas: Callable[[str], Mapping[str, Any] | None], *, at_once: int
    ) -> None:
        """Hold the parts; threads are started with the first check."""
        self._types, self._line, self._schemas, self._at_once = tuple(types), line, schemas, at_once

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Judge a config: first what can be told here, then by its connector.

        Raises:
            Invalid: the type is not installed, or the config is wrong.
            Unavailable: the connector does not answer.
        """
        if type_ not in self._types:
            raise not_one_of(self._types)
        wrong = find_secrets(config) or violations_by(self._schemas(type_), config)  # no secret goes any further
        if wrong:
            raise Invalid(_WRONG, [Violation(f"/config{pointer}", sentence) for pointer, sentence in wrong])
        try:
            return self._ask(type_, say.Validate(config=dict(config)), say.Validated).valid
        except CheckFailed as failure:
            raise Unavailable(f"The connector of this type does not answer: {failure.evidence}.") from None

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result in time and never raises."""
        return self._threads.submit(self._checked, job)

    def look(self, look: Look) -> Future[CredentialFacts | None]:
        """Look at a secret without using it; its future gives None when it cannot be had."""
        about = say.About(tenant=look.tenant_id, config=dict(look.config), auth_ref_uri=look.auth_ref_uri)
        question = say.LookAt(integration_id=look.integration_id, about=about, known=look.known)
        return self._threads.submit(lambda: self._or(None, lambda: self._ask(look.type, question, say.Facts).facts))

    def is_over(self, cause: str) -> Future[bool]:
        """Ask each function for a sign of life; one that has it will do."""
        question = say.IsOver(cause=cause)

        def is_alive(type_: str) -> bool:
            return self._or(False, lambda: self._ask(type_, question, say.Alive).alive)  # noqa: FBT003 - the default

        return self._threads.submit(lambda: any(map(is_alive, self._types)))

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind.

        Raises:
            CheckFailed: why there is none.
        """
        question = say.Discover(about=_about(call), resource_kind=kind, cursor=cursor)
        return self._ask(call.type, question, say.Found).page

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events.

        Raises:
            CheckFailed: why it does not.
        """
        question = say.SetUpWebhook(
            about=_about(call),
            url=wanted.url,
            secret_ref=wanted.secret_ref,
            resource=wanted.resource,
            events=tuple(wanted.events),
        )
        return self._ask(call.type, question, say.WebhookStands).webhook

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what a delivery says, proven by the secret or the one it has lately replaced.

        Raises:
            EventRejected: it is not proven.
            CheckFailed: that cannot be told.
        """
        question = say.VerifyEvent(
            about=_about(call),
            secret_ref=secret_ref,
            headers=tuple(delivery.headers.items()),
            body=delivery.body,
            received_at=delivery.received_at,
        )
        return self._ask(call.type, question, say.EventVerified).event

    def describe(self, type_: str) -> say.Described:
        """Have the function of a type say what it carries.

        Raises:
            CheckFailed: it does not.
        """
        return self._ask(type_, say.Describe(), say.Described)

    def backends(self) -> Mapping[str, BackendStatus]:
        """Have the functions ask their secret backends for a sign of life; of one alias the better news counts.

        Raises:
            Unavailable: no function answers.
        """
        asked = [self._threads.submit(self._or, None, partial(self._backends, type_)) for type_ in self._types]
        answers = [found for one in asked if (found := one.result()) is not None]
        if not answers:
            raise Unavailable("No connector's function answers, and only they reach the secret backends.")
        worst_first = sorted((pair for found in answers for pair in found.items()), key=lambda pair: pair[1].reachable)
        return dict(worst_first)

    def _backends(self, type_: str) -> Mapping[str, BackendStatus] | None:
        return self._ask(type_, say.ProbeBackends(), say.Backends).found

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._at_once, thread_name_prefix="hub-remote")

    def _checked(self, job: CheckJob) -> CheckResult:
        try:
            question = say.Check(about=_about(job), sequence=job.sequence)
            return self._ask(job.type, question, say.Checked).result
        except CheckFailed as failure:
            return ended(failure)

    def _ask(self, type_: str, question: say.Question, kind: type[A]) -> A:
        """Put one question, and return an answer of the kind it has.

        Raises:
            CheckFailed: there is none; `connector_crashed` where that is the line's fault.
            EventRejected, Invalid: as the connector's host raises them there.
        """
        if type_ not in self._types:
            evidence = f"no connector for the type {type_} is installed"
            raise CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "Install the connector, or delete the integration.")
        try:
            text = self._line.ask(type_, say.Call(type=type_, question=question).model_dump_json().encode())
            answer = say.read_reply(text).answer
        except LineBroken as broken:
            raise CheckFailed(Reason.CONNECTOR_CRASHED, broken.evidence, broken.remedy) from None
        except ProtocolBroken as lie:
            evidence = f"the connector's function did not answer as this release does: {lie}"
            raise CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "Deploy all functions from one release.") from None
        if isinstance(answer, kind):
            return answer
        raise _error(answer)

    def _or(self, instead: T, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except CheckFailed:
            return instead


def _about(call: ConnectorCall) -> say.About:
    return say.About(tenant=call.tenant_id, config=dict(call.config), auth_ref_uri=call.auth_ref_uri)


def _error(answer: say.Answer) -> Exception:
    """Return what an answer stands for that is not the one asked for."""
    match answer:
        case say.Failed():
            failure = answer.failure.error()
            failure.cause = answer.cause
            return failure
        case say.ConfigInvalid():
            return Invalid(answer.detail, [Violation(pointer, sentence) for pointer, sentence in answer.violations])
        case say.Unproven():
            return EventRejected("no secret of this integration proves it")
        case say.Away():
            return CheckFailed(Reason.CONNECTOR_CRASHED, answer.detail.rstrip("."), "Ask again.")
    return CheckFailed(Reason.CONNECTOR_CRASHED, "the connector's function answered what was not asked")
