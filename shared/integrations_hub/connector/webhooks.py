"""Webhooks between a provider and the hub: what is asked to be set up, and what later comes in. Data, without I/O."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.probe import Credential
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret

__all__ = [
    "Delivery",
    "EventRejected",
    "ReceivedEvent",
    "Webhook",
    "WebhookOrder",
    "WebhookOutcome",
    "equal_in_constant_time",
    "webhook_secret",
]


@dataclass(frozen=True, slots=True)
class WebhookOrder:
    """A webhook the hub asks for: where to deliver and which secret to prove it with.

    `resource` says of what, in the provider's own words (`owner/repository`, a project); None stands for all the
    credential speaks for, where the provider has that. `events` are the provider's names of events; empty stands for
    the connector's default.
    """

    url: str
    secret: Secret
    resource: str | None = None
    events: tuple[str, ...] = ()


class WebhookOutcome(StrEnum):
    """What setting up did. Asked for again, it finds what is there and changes what differs."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it stands at the provider; `id` is the provider's, None where there is only one."""

    outcome: WebhookOutcome
    id: str | None
    resource: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One inbound request, as it came and not yet believed: body of at most 1 MiB, and when it was received."""

    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A delivery that its signature proves.

    `kind` is the provider's name of the event; `delivery_id` is what the provider calls this delivery, the same when
    it delivers again, None where it has no name (the hub then knows it again by its body); `resource` is what it is
    about, as `Resource.name` has it. A `foreign` one is proven and about something this integration has no part in,
    as where one webhook serves several: it is answered well and told to nobody.
    """

    kind: str
    delivery_id: str | None = None
    resource: str | None = None
    foreign: bool = False


class EventRejected(Exception):
    """A delivery is not proven by the secret; the sentence is for the log, the sender learns nothing."""


def webhook_secret(credential: Credential) -> Secret:
    """Return the value that proves deliveries: the field `webhook_secret`, else the only field there is.

    Raises:
        CheckFailed: `invalid_config` when the secret has several fields and none of that name, or it is empty: anybody
            could prove a delivery by it.
    """
    fields = credential.fields
    if "webhook_secret" not in fields and len(fields) != 1:
        raise CheckFailed(
            Reason.INVALID_CONFIG,
            "the webhook's secret has several fields, and none is webhook_secret",
            "Store the field webhook_secret, or name the field in webhookSecretRef by #key.",
        )
    secret = fields.get("webhook_secret") or next(iter(fields.values()))
    if not secret.reveal():
        raise CheckFailed(Reason.INVALID_CONFIG, "the webhook's secret is empty", "Store a long random value.")
    return secret


def equal_in_constant_time(given: str, expected: str) -> bool:
    """Tell whether a stranger's text is the expected one, in a time that does not depend on where they differ.

    `hmac.compare_digest` alone raises for text outside ASCII, which a header may hold.
    """
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))
