"""A tenant's settings on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StrictBool, field_validator, model_validator

from integrations_hub.connector.config_safety import find_secrets
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub.events.model import EventType, Severity
from integrations_hub.events.routes import AlertRoute
from integrations_hub.tenants.model import TenantSettings
from integrations_hub.views import Answer, Body, Instant, Printable

__all__ = ["AlertRouteBody", "AlertRouteView", "AlertTestView", "SettingsBody", "SettingsView", "Tried", "TriedOutcome"]

Word = Annotated[Printable, Field(min_length=1, max_length=64)]


class AlertRouteBody(Body):
    """One way for alerts and events; a filter that is left out passes all, of one that is given any entry is enough."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Unique within the tenant.")
    channel: str = Field(
        pattern=r"^[a-z]{1,32}$",
        description="`webhook` with `url` is your own; without, a channel of the deployment: `log`, `sns`, "
        "`eventbridge`, `knative`, `webhook`, where it has them.",
    )
    url: str | None = Field(None, max_length=2048, description="https:// and no query; redirects are not followed.")
    secret_ref: str | None = Field(
        None,
        max_length=512,
        description="AuthRef of the secret requests to `url` are signed with: `whsec_` and base64 (Standard Webhooks).",
    )
    events: list[EventType] = Field(default_factory=list, max_length=32, description="Types of events.")
    severities: list[Severity] = Field(default_factory=list, max_length=3)
    types: list[Word] = Field(default_factory=list, max_length=32, description="Types of integrations.")
    tags: list[Word] = Field(default_factory=list, max_length=32, description="Tags of the integration.")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str | None) -> str | None:
        if url is None:
            return None
        found = find_secrets({"url": url})
        parts = split_endpoint(url)
        if parts.scheme != "https":
            message = "must begin with https://"
            raise ValueError(message)
        if found:
            raise ValueError(found[0][1])
        return parts.url(*parts.segments)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.url is None) != (self.secret_ref is None):
            message = "`url` and `secretRef` go together: requests to your own webhook are signed"
            raise ValueError(message)
        if self.url is not None and self.channel != "webhook":
            message = "`url` is for the channel `webhook`"
            raise ValueError(message)
        return self


class SettingsBody(Body):
    """A tenant's settings, all of them."""

    require_test_receipt: StrictBool = Field(
        default=False,
        description="Register only what was tested within ten minutes: `X-Test-Receipt` is then required.",
    )
    alert_routes: list[AlertRouteBody] = Field(
        default_factory=list, max_length=20, description="Where events go; empty: to the deployment's own channels."
    )

    @field_validator("alert_routes")
    @classmethod
    def _names_once(cls, routes: list[AlertRouteBody]) -> list[AlertRouteBody]:
        if len({route.name for route in routes}) != len(routes):
            message = "two routes have one name"
            raise ValueError(message)
        return routes


class AlertRouteView(Answer):
    """One way for alerts and events."""

    name: str
    channel: str
    url: str | None
    secret_ref: str | None
    events: list[EventType]
    severities: list[Severity]
    types: list[str]
    tags: list[str]

    @classmethod
    def of(cls, route: AlertRoute) -> Self:
        """Write a route."""
        return cls(
            name=route.name,
            channel=route.channel,
            url=route.url,
            secret_ref=route.secret_ref,
            events=[EventType(one) for one in route.events],
            severities=[Severity(one) for one in route.severities],
            types=list(route.types),
            tags=list(route.tags),
        )


class SettingsView(Answer):
    """A tenant's settings. `channels`: those of the deployment, which a route may name."""

    require_test_receipt: bool
    alert_routes: list[AlertRouteView]
    channels: list[str]
    version: int
    updated_at: Instant | None

    @classmethod
    def of(cls, settings: TenantSettings, channels: list[str]) -> Self:
        """Write settings."""
        return cls(
            require_test_receipt=settings.require_test_receipt,
            alert_routes=[AlertRouteView.of(route) for route in settings.alert_routes],
            channels=channels,
            version=settings.version,
            updated_at=settings.updated_at,
        )


class TriedOutcome(StrEnum):
    """What became of a test event."""

    DELIVERED = "delivered"
    FAILED = "failed"


class Tried(Answer):
    """What one channel said to a test event; `route` is null where the deployment's own channels are used."""

    route: str | None
    channel: str
    outcome: TriedOutcome
    detail: str | None


class AlertTestView(Answer):
    """What every channel said to one test event."""

    event_id: UUID
    items: list[Tried]
