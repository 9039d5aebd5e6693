"""What an isolated connector tells the hub: where the integration points, requests, and one answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from integrations_hub.connector.contract import CredentialNeed, Endpoint, Resource, Step, WebhookOutcome
from integrations_hub.connector.messages import Document, Failure, Message, Name, Text, Word, read_message

__all__ = [
    "Checked",
    "Crashed",
    "Described",
    "Discovered",
    "EventVerified",
    "Failed",
    "FromChild",
    "HeaderField",
    "Invalid",
    "Late",
    "Ready",
    "Rejected",
    "Send",
    "Unproven",
    "Validated",
    "WebhookStands",
    "from_child",
]


class Ready(Message):
    """The config is read and points here; now the secrets are needed."""

    kind: Literal["ready"] = "ready"
    endpoint: Endpoint


class HeaderField(Message):
    """A header field of a request; a secret one is kept out of whatever comes back."""

    name: Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$")]  # RFC 9110 §5.6.2
    value: Annotated[str, Field(max_length=65_536, pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")] = Field(repr=False)
    secret: bool


class Send(Message):
    """Send a request: below the endpoint, or below the last of `beyond`, each reached from the one before."""

    kind: Literal["send"] = "send"
    number: Annotated[int, Field(ge=0)]
    beyond: Annotated[tuple[Text, ...], Field(max_length=4)]
    method: Annotated[str, Field(pattern=r"^[A-Z]{1,16}$")]
    path: Text
    params: dict[str, str] | None
    headers: Annotated[tuple[HeaderField, ...], Field(max_length=64)]
    auth: Annotated[tuple[str, ...], Field(max_length=2)] = Field(repr=False)  # user and password; or one, a bearer
    content: bytes | None = Field(repr=False)


class Described(Message):
    """What the connector is."""

    kind: Literal["described"] = "described"
    type: Word
    category: Word
    version: Name
    capabilities: Annotated[tuple[Name, ...], Field(max_length=32)]
    credential: CredentialNeed
    config_schema: Document


class Validated(Message):
    """A config the connector accepts, as it reads it, and where it points."""

    kind: Literal["validated"] = "validated"
    config: Document
    endpoint: Endpoint
    references: dict[Name, Text]


class Invalid(Message):
    """A config the connector does not accept: JSON pointers (RFC 6901) and sentences."""

    kind: Literal["invalid"] = "invalid"
    violations: Annotated[tuple[tuple[Text, Text], ...], Field(max_length=100)]


class Discovered(Message):
    """One page of resources."""

    kind: Literal["discovered"] = "discovered"
    items: Annotated[tuple[Resource, ...], Field(max_length=1000)]
    next_cursor: str | None


class WebhookStands(Message):
    """The webhook as it stands at the provider."""

    kind: Literal["webhook_stands"] = "webhook_stands"
    outcome: WebhookOutcome
    id: Text | None
    resource: Text | None
    events: Annotated[tuple[Text, ...], Field(max_length=256)]


class EventVerified(Message):
    """What a proven delivery says, `webhooks.ReceivedEvent`."""

    kind: Literal["event_verified"] = "event_verified"
    event: Text
    delivery_id: Text | None
    resource: Text | None
    foreign: bool


class Unproven(Message):
    """No secret proves the delivery."""

    kind: Literal["unproven"] = "unproven"


class Rejected(Message):
    """What the entry point names is no connector."""

    kind: Literal["rejected"] = "rejected"


class Failed(Message):
    """The connector says that the call failed."""

    kind: Literal["failed"] = "failed"
    failure: Failure


class Late(Message):
    """The connector did not end in the seconds it was given."""

    kind: Literal["late"] = "late"


class Crashed(Message):
    """The connector raised what no connector should; the rest is on standard error."""

    kind: Literal["crashed"] = "crashed"
    error: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class Checked(Message):
    """What a check found: its steps, and how it ended where no step says so."""

    kind: Literal["checked"] = "checked"
    steps: Annotated[tuple[Step, ...], Field(max_length=16)]
    latency_ms: Annotated[float, Field(ge=0)]
    credential_ends_at: AwareDatetime | None
    certificate_ends_at: AwareDatetime | None
    retry_after_s: float | None
    end: Annotated[Failed | Late | Crashed, Field(discriminator="kind")] | None


FromChild = (
    Ready
    | Send
    | Described
    | Validated
    | Invalid
    | Checked
    | Discovered
    | WebhookStands
    | EventVerified
    | Unproven
    | Rejected
    | Failed
    | Late
    | Crashed
)
_ADAPTER: TypeAdapter[FromChild] = TypeAdapter(Annotated[FromChild, Field(discriminator="kind")])


def from_child(line: bytes) -> FromChild:
    """Read what a child says.

    Raises:
        ProtocolBroken: it is none of the messages above.
    """
    return read_message(_ADAPTER, line)
