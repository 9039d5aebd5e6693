"""What the hub's functions and `run_connector` say to each other: one question, one answer, as one JSON object each.

No secret is in them: a question names secrets by AuthRef, and `run_connector` resolves them itself. Both sides are the
hub's own and deployed together; each still judges what it reads, by type and size.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from integrations_hub.catalog.plugin import Isolation, PluginRecord
from integrations_hub.catalog.secret_backends import BackendStatus
from integrations_hub.connector.contract import CheckResult, ReceivedEvent, ResourcePage, Webhook
from integrations_hub.connector.messages import Failure, Message, Word, read_message
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.health.ports import ValidConfig

__all__ = [
    "MAX_MESSAGE",
    "About",
    "Alive",
    "Answer",
    "Away",
    "Backends",
    "Call",
    "Check",
    "Checked",
    "ConfigInvalid",
    "Describe",
    "Described",
    "Discover",
    "EventVerified",
    "Facts",
    "Failed",
    "Found",
    "IsOver",
    "LookAt",
    "ProbeBackends",
    "Question",
    "Reply",
    "SetUpWebhook",
    "Unproven",
    "Validate",
    "Validated",
    "VerifyEvent",
    "WebhookStands",
    "read_call",
    "read_reply",
]

MAX_MESSAGE = 2 << 20  # bytes: a delivery of 1 MiB in base64, and room; Lambda itself takes 6 MB
M = TypeVar("M", bound=Message)


class About(Message):
    """Which connection a question is about."""

    tenant: str
    config: dict[str, Any]
    auth_ref_uri: str | None


class Describe(Message):
    """Say which connectors are there, and which walls stand around strangers'."""

    kind: Literal["describe"] = "describe"


class ProbeBackends(Message):
    """Ask the secret backends for a sign of life."""

    kind: Literal["probe_backends"] = "probe_backends"


class Validate(Message):
    """Judge a config."""

    kind: Literal["validate"] = "validate"
    config: dict[str, Any]


class Check(Message):
    """Check an integration."""

    kind: Literal["check"] = "check"
    about: About
    sequence: Annotated[int, Field(ge=0)]


class LookAt(Message):
    """Look at a secret without using it."""

    kind: Literal["look_at"] = "look_at"
    integration_id: UUID
    about: About
    known: CredentialFacts


class IsOver(Message):
    """Ask what a cause is about for a sign of life."""

    kind: Literal["is_over"] = "is_over"
    cause: str


class Discover(Message):
    """List one page of what the provider has."""

    kind: Literal["discover"] = "discover"
    about: About
    resource_kind: str
    cursor: str | None


class SetUpWebhook(Message):
    """Have the provider deliver its events."""

    kind: Literal["set_up_webhook"] = "set_up_webhook"
    about: About
    url: str
    secret_ref: str
    resource: str | None
    events: tuple[str, ...]


class VerifyEvent(Message):
    """Tell what an inbound delivery says, when the secret proves it."""

    kind: Literal["verify_event"] = "verify_event"
    about: About
    secret_ref: str
    headers: tuple[tuple[str, str], ...] = Field(repr=False)
    body: bytes = Field(repr=False)
    received_at: AwareDatetime


Question = Describe | ProbeBackends | Validate | Check | LookAt | IsOver | Discover | SetUpWebhook | VerifyEvent


class Call(Message):
    """One question to the function that carries a type's connector."""

    version: Literal[1] = 1
    type: Word
    question: Annotated[Question, Field(discriminator="kind")]


class Described(Message):
    """The connectors the function carries, rejected ones too."""

    kind: Literal["described"] = "described"
    plugins: tuple[PluginRecord, ...]
    isolation: Isolation


class Backends(Message):
    """The secret backends by alias, and which answer."""

    kind: Literal["backends"] = "backends"
    found: dict[str, BackendStatus]


class Validated(Message):
    """The connector accepts the config."""

    kind: Literal["validated"] = "validated"
    valid: ValidConfig


class ConfigInvalid(Message):
    """It does not: a sentence, and pairs of JSON pointer (RFC 6901) and sentence."""

    kind: Literal["config_invalid"] = "config_invalid"
    detail: str
    violations: tuple[tuple[str, str], ...]


class Checked(Message):
    """What a check found."""

    kind: Literal["checked"] = "checked"
    result: CheckResult


class Facts(Message):
    """What is known of a secret beside its value; None when it cannot be had."""

    kind: Literal["facts"] = "facts"
    facts: CredentialFacts | None


class Alive(Message):
    """Whether there was a sign of life."""

    kind: Literal["alive"] = "alive"
    alive: bool


class Found(Message):
    """One page of resources."""

    kind: Literal["found"] = "found"
    page: ResourcePage


class WebhookStands(Message):
    """The webhook as it stands at the provider."""

    kind: Literal["webhook_stands"] = "webhook_stands"
    webhook: Webhook


class EventVerified(Message):
    """What a proven delivery says."""

    kind: Literal["event_verified"] = "event_verified"
    event: ReceivedEvent


class Unproven(Message):
    """No secret proves the delivery."""

    kind: Literal["unproven"] = "unproven"


class Failed(Message):
    """Why there is no better answer; `cause` as in `CheckFailed`."""

    kind: Literal["failed"] = "failed"
    failure: Failure
    cause: str | None


class Away(Message):
    """The connector does not do its part, or there is no room for the call now."""

    kind: Literal["away"] = "away"
    detail: str


Answer = (
    Described
    | Backends
    | Validated
    | ConfigInvalid
    | Checked
    | Facts
    | Alive
    | Found
    | WebhookStands
    | EventVerified
    | Unproven
    | Failed
    | Away
)


class Reply(Message):
    """The answer to one question."""

    version: Literal[1] = 1
    answer: Annotated[Answer, Field(discriminator="kind")]


_CALLS: TypeAdapter[Call] = TypeAdapter(Call)
_REPLIES: TypeAdapter[Reply] = TypeAdapter(Reply)


def read_call(text: bytes) -> Call:
    """Read a question.

    Raises:
        ProtocolBroken: it is none, or too long; the sentence repeats nothing of it.
    """
    return _read(_CALLS, text)


def read_reply(text: bytes) -> Reply:
    """Read an answer.

    Raises:
        ProtocolBroken: it is none, or too long.
    """
    return _read(_REPLIES, text)


def _read(adapter: TypeAdapter[M], text: bytes) -> M:
    if len(text) > MAX_MESSAGE:
        raise ProtocolBroken(f"it said more than {MAX_MESSAGE} bytes")
    return read_message(adapter, text)
