"""One call of a stranger's connector from beginning to end: a child, its conversation, an answer that was judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from integrations_hub.connector.contract import CheckResult, Endpoint, EventRejected, ReceivedEvent
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import (
    Checked,
    Crashed,
    Described,
    EventVerified,
    Failed,
    FromChild,
    Invalid,
    Late,
    Rejected,
    Unproven,
)
from integrations_hub.connector.from_hub import Describe, Job, Task
from integrations_hub.connector.messages import Message
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.plugins.bounds import Bounds
from integrations_hub.plugins.cage.keeper import Keeper
from integrations_hub.plugins.child import broken
from integrations_hub.plugins.conversation import Conversation
from integrations_hub.plugins.grants import Grants, NoGrants, Secrets
from integrations_hub.plugins.outcomes import failed, late
from integrations_hub.plugins.strangers import Stranger

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender

__all__ = [
    "DESCRIBE_S",
    "Answer",
    "IsolatedCalls",
    "StrangerCalls",
    "describe",
    "expected",
    "found",
    "proven",
    "rejected",
]

_MARGIN, _MOST_MARGIN_S = 0.1, 1.0  # of a call's seconds, kept so that who is late can still say so
DESCRIBE_S = 10.0
T = TypeVar("T", bound=Message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child answered, and how to clean it."""

    said: FromChild
    bounds: Bounds


class StrangerCalls(Protocol):
    """Makes calls of strangers' connectors, whatever walls are around them."""

    @property
    def limits(self) -> Limits:
        """Return what one call may cost."""

    async def ask(self, stranger: Stranger, task: Task, granted: Grants, seconds: float) -> Answer:
        """Have a stranger's connector do one task within the seconds.

        Raises:
            CheckFailed: it did not, or could not be given its secrets; never what the connector itself says.
        """


@dataclass(frozen=True, slots=True)
class IsolatedCalls:
    """Makes calls, each in a child of its own."""

    keeper: Keeper
    transport: Transport
    limits: Limits

    async def ask(self, stranger: Stranger, task: Task, granted: Grants, seconds: float) -> Answer:
        """Have a stranger's connector do one task within the seconds.

        Raises:
            CheckFailed: it did not, or could not be given its secrets; never what the connector itself says.
        """
        margin = min(seconds * _MARGIN, _MOST_MARGIN_S)
        try:
            async with self.keeper.child(stranger, seconds) as child:
                ends = asyncio.get_running_loop().time() + seconds
                conversation = Conversation(child, granted, partial(self._sender, ends - 2 * margin))
                said = await conversation.run(Job(plugin=stranger.target, seconds=seconds - margin, task=task))
                return Answer(said, Bounds(child.redactor))
        except TimeoutError:
            raise late() from None

    def _sender(self, ends: float, endpoint: Endpoint, secrets: Secrets) -> Sender:
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really checks

        left = max(ends - asyncio.get_running_loop().time(), 0.0)
        return Sender(self.transport, endpoint, self.limits, secrets.certificate, left)


async def describe(calls: StrangerCalls, stranger: Stranger) -> Described:
    """Have a stranger's connector say what it is.

    Raises:
        CheckFailed: it does not, or nothing that can be used.
    """
    answer = await calls.ask(stranger, Describe(), NoGrants(), DESCRIBE_S)
    if isinstance(answer.said, Rejected):
        raise broken(f"is none: {stranger.target or stranger.function} is not a Connector")
    said = expected(answer, Described)
    if said.config_schema.get("additionalProperties") is not False:
        raise broken("has a config that takes unknown fields")
    return said


def expected(answer: Answer, kind: type[T]) -> T:
    """Return an answer of this kind.

    Raises:
        CheckFailed: the connector says that it failed, or answers something else.
    """
    said = answer.said
    if isinstance(said, kind):
        return said
    raise _failure(answer, said)


def found(answer: Answer) -> CheckResult:
    """Return what a check found, however it ended.

    Raises:
        CheckFailed: it did not come to a first step.
    """
    said = expected(answer, Checked)
    result = answer.bounds.result(said)
    return result if result.failed or said.end is None else failed(result, _failure(answer, said.end))


def proven(answer: Answer) -> ReceivedEvent:
    """Return the event a delivery was proven to be.

    A connector that crashes has proven nothing: its sender, who may have meant it to, learns no more than that.

    Raises:
        EventRejected: it was not proven.
        CheckFailed: that cannot be told.
    """
    if isinstance(answer.said, Unproven | Crashed | Late):
        raise EventRejected("no secret of this integration proves it")
    return answer.bounds.event(expected(answer, EventVerified))


def rejected(answer: Answer) -> bool:
    """Tell whether the provider rejected the credential, by what the connector says."""
    if isinstance(answer.said, Failed):
        return answer.said.failure.reason is Reason.CREDENTIAL_REJECTED
    return isinstance(answer.said, Checked) and found(answer).reason is Reason.CREDENTIAL_REJECTED


def _failure(answer: Answer, said: FromChild) -> CheckFailed:
    if isinstance(said, Failed):
        return answer.bounds.failure(said.failure.error())
    if isinstance(said, Invalid):
        where = "; ".join(f"{pointer or '/'}: {sentence}" for pointer, sentence in answer.bounds.violations(said))
        evidence = f"the connector no longer accepts the config: {where}"
        return CheckFailed(Reason.INVALID_CONFIG, evidence, "Update the config.", step=StepName.PRODUCT)
    if isinstance(said, Late):
        return late()
    return broken(f"failed with {said.error}" if isinstance(said, Crashed) else "answers what was not asked")
