"""Webhooks on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.webhooks import Delivery, Webhook, WebhookOutcome
from integrations_hub.views import Answer, Body, Printable

__all__ = ["ReceivedView", "WebhookBody", "WebhookView", "delivery_of"]


class WebhookBody(Body):
    """How a webhook is asked for."""

    webhook_secret_ref: str = Field(
        max_length=512,
        description="AuthRef of the secret that proves deliveries, stored by you: the hub makes up none. Another one "
        "replaces it, and the one before counts for 24 hours more.",
    )
    resource: Printable | None = Field(
        None,
        min_length=1,
        max_length=512,
        description="Of what: a repository or project in the provider's words; left out, all the provider can do.",
    )
    events: list[Annotated[Printable, Field(min_length=1, max_length=64)]] = Field(
        default_factory=list, max_length=64, description="The provider's names of events; the connector's when empty."
    )


class WebhookView(Answer):
    """The webhook as it stands at the provider."""

    outcome: WebhookOutcome
    webhook_id: str | None
    resource: str | None
    events: list[str]
    url: str

    @classmethod
    def of(cls, webhook: Webhook, url: str) -> Self:
        """Write a webhook that delivers to `url`."""
        return cls(
            outcome=webhook.outcome,
            webhook_id=webhook.id,
            resource=webhook.resource,
            events=list(webhook.events),
            url=url,
        )


class ReceivedView(Answer):
    """A delivery was believed and will be told as an event of this id; null where it is about another integration."""

    event_id: UUID | None


def delivery_of(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Return an inbound request as a connector reads it, received now."""
    return Delivery(Headers(headers.items()), body, datetime.now(UTC))
