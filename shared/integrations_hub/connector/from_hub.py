"""What the hub tells an isolated connector: its job, the secrets when it is ready for them, its requests' answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from integrations_hub.connector.messages import Failure, Message, read_message
from integrations_hub.connector.reasons import StepName

__all__ = [
    "Check",
    "Describe",
    "Discover",
    "Grant",
    "Job",
    "Reply",
    "SetUpWebhook",
    "Task",
    "TimedPhase",
    "Validate",
    "VerifyEvent",
    "from_hub",
]


class Describe(Message):
    """Say what you are."""

    kind: Literal["describe"] = "describe"


class Validate(Message):
    """Judge a config."""

    kind: Literal["validate"] = "validate"
    config: dict[str, Any]


class Check(Message):
    """Check an integration."""

    kind: Literal["check"] = "check"
    config: dict[str, Any]
    sequence: int


class Discover(Message):
    """List a page of what there is."""

    kind: Literal["discover"] = "discover"
    config: dict[str, Any]
    resource_kind: str
    cursor: str | None


class SetUpWebhook(Message):
    """Have the provider deliver its events; the webhook's secret comes in the grant."""

    kind: Literal["set_up_webhook"] = "set_up_webhook"
    config: dict[str, Any]
    url: str
    resource: str | None
    events: tuple[str, ...]


class VerifyEvent(Message):
    """Tell what a delivery says, when one of the grant's secrets proves it."""

    kind: Literal["verify_event"] = "verify_event"
    config: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = Field(repr=False)
    body: bytes = Field(repr=False)
    received_at: datetime


Task = Describe | Validate | Check | Discover | SetUpWebhook | VerifyEvent


class Job(Message):
    """The one thing this child is for. `plugin` is `module:class`; `seconds` is what the connector may take."""

    kind: Literal["job"] = "job"
    plugin: str
    seconds: float
    task: Annotated[Task, Field(discriminator="kind")]


class Grant(Message):
    """The secrets of this call: the credential's fields, and what webhooks are proven by."""

    kind: Literal["grant"] = "grant"
    fields: dict[str, str] = Field(default_factory=dict, repr=False)
    allowed_hosts: tuple[str, ...] | None = None
    webhook_secrets: tuple[str, ...] = Field(default=(), repr=False)


class TimedPhase(Message):
    """A phase of a connection, `phases.Phase`."""

    name: StepName
    duration_ms: float
    evidence: str


class Reply(Message):
    """What a request came to: an answer, or a failure."""

    kind: Literal["reply"] = "reply"
    number: int
    failure: Failure | None = None
    status: int = 0
    headers: tuple[tuple[str, str], ...] = Field(default=(), repr=False)
    body: bytes = Field(default=b"", repr=False)
    excerpt: str = ""
    phases: tuple[TimedPhase, ...] = ()
    certificate_ends_at: datetime | None = None


FromHub = Job | Grant | Reply
_ADAPTER: TypeAdapter[FromHub] = TypeAdapter(Annotated[FromHub, Field(discriminator="kind")])


def from_hub(line: bytes) -> FromHub:
    """Read what the hub says.

    Raises:
        ProtocolBroken: it is none of the messages above.
    """
    return read_message(_ADAPTER, line)
