"""The catalogue on the wire: what a caller sends to register an integration, and what anyone reads of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from integrations_hub.catalog.model import Dependent, Integration, MaintenanceWindow, name_key
from integrations_hub.connector.reasons import Reason
from integrations_hub.health.status import Status, effective
from integrations_hub.views import Answer, Body, Instant, PageQuery, Printable, Query

__all__ = [
    "ByTypePage",
    "ConsumedIntegration",
    "DeleteQuery",
    "DependentView",
    "DependentsView",
    "IntegrationDraft",
    "IntegrationPage",
    "IntegrationView",
    "ListQuery",
    "MaintenanceBody",
    "Page",
    "consumed",
    "listed",
]

_LONGEST_NAME_KEY = 1200  # bytes: an index takes 2,704, and a page token carries it

Tag = Annotated[Printable, Field(min_length=1, max_length=64)]


def _in_utc(at: datetime) -> datetime:
    """Return the same moment in UTC, as it is stored and answered."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        message = "must lie between the years 1 and 9999 in UTC"
        raise ValueError(message) from None


def _written_out(given: object) -> object:
    """Refuse numbers, which pydantic would take for seconds since the epoch."""
    if isinstance(given, datetime) or (isinstance(given, str) and given[4:5] == "-"):
        return given
    message = "must be a time as RFC 3339 writes it, such as 2030-01-31T08:00:00Z"
    raise ValueError(message)


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]


class MaintenanceBody(Body):
    """A planned quiet time, from (included) until (excluded)."""

    starts_at: Moment = Field(alias="from")
    ends_at: Moment = Field(alias="until")
    reason: Printable = Field("", max_length=200)
    owner: Printable | None = Field(None, max_length=200, description="Who answers for it; the caller, left out.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at >= self.ends_at:
            message = "`until` must be later than `from`"
            raise ValueError(message)
        return self


class IntegrationDraft(Body):
    """What registers or replaces an integration."""

    type: Annotated[str, Field(min_length=1, max_length=64, description="A type that `GET /plugins` lists.")]
    name: Annotated[Printable, Field(min_length=1, max_length=200, description="Unique within the tenant.")]
    config: dict[str, JsonValue] = Field(description="As the type's `configSchema` says; never a secret.")
    auth_ref_uri: str | None = Field(
        None, max_length=512, description="`authref://<backend>/<path>[?version=][#key]`, never the secret itself."
    )
    tags: list[Tag] = Field(default_factory=list, max_length=32)
    check_interval_seconds: StrictInt = Field(300, ge=1, le=86_400)
    failure_threshold: StrictInt = Field(3, ge=1, le=100)
    success_threshold: StrictInt = Field(2, ge=1, le=100)
    paused: StrictBool = False
    maintenance: list[MaintenanceBody] = Field(default_factory=list, max_length=32)

    @field_validator("name")
    @classmethod
    def _short_when_compared(cls, name: str) -> str:
        if len(name_key(name).encode()) > _LONGEST_NAME_KEY:
            message = "must be shorter: in the form in which names are compared, its characters become too many"
            raise ValueError(message)
        return name

    @field_validator("tags")
    @classmethod
    def _each_once(cls, tags: list[str]) -> list[str]:
        if len(set(tags)) != len(tags):
            message = "each tag may stand once"
            raise ValueError(message)
        return tags


class MaintenanceView(Answer):
    """A planned quiet time."""

    starts_at: Instant = Field(alias="from")
    ends_at: Instant = Field(alias="until")
    reason: str
    owner: str

    @classmethod
    def of(cls, window: MaintenanceWindow) -> Self:
        """Write a window."""
        return cls(starts_at=window.starts_at, ends_at=window.ends_at, reason=window.reason, owner=window.owner)


class CredentialView(Answer):
    """What is known of the credential without knowing it."""

    ends_at: Instant | None
    rotated_at: Instant | None


class IntegrationView(Answer):
    """One integration. `status` is as of the answer: an overdue result reads `unknown`."""

    id: UUID
    type: str
    category: str
    name: str
    config: dict[str, JsonValue]
    auth_ref_uri: str | None
    tags: list[str]
    status: Status
    reason: Reason | None
    status_changed_at: Instant | None
    last_checked_at: Instant | None
    next_check_at: Instant | None
    paused: bool
    maintenance: list[MaintenanceView]
    check_interval_seconds: int
    failure_threshold: int
    success_threshold: int
    credential: CredentialView
    version: int
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None

    @classmethod
    def of(cls, one: Integration, now: datetime) -> IntegrationView:
        """Write an integration as it stands now."""
        return cls.model_construct(
            **{name: getattr(one, name) for name in _COPIED},
            status=effective(one.status, one.stale_at, now),
            maintenance=[MaintenanceView.of(window) for window in one.maintenance],
            credential=CredentialView.model_construct(
                ends_at=one.credential_ends_at, rotated_at=one.credential_rotated_at
            ),
        )


_COPIED = frozenset(IntegrationView.model_fields) - {"status", "maintenance", "credential"}


def listed(one: Integration, now: datetime) -> dict[str, object]:
    """Return what `IntegrationView.of` says, as plain values: a page of models costs more than reading the page."""
    return {
        "id": one.id,
        "type": one.type,
        "category": one.category,
        "name": one.name,
        "config": one.config,
        "authRefUri": one.auth_ref_uri,
        "tags": one.tags,
        "status": effective(one.status, one.stale_at, now).value,  # a plain str serialises four times as fast
        "reason": one.reason.value if one.reason else None,
        "statusChangedAt": one.status_changed_at,
        "lastCheckedAt": one.last_checked_at,
        "nextCheckAt": one.next_check_at,
        "paused": one.paused,
        "maintenance": [MaintenanceView.of(window) for window in one.maintenance] if one.maintenance else (),
        "checkIntervalSeconds": one.check_interval_seconds,
        "failureThreshold": one.failure_threshold,
        "successThreshold": one.success_threshold,
        "credential": {"endsAt": one.credential_ends_at, "rotatedAt": one.credential_rotated_at},
        "version": one.version,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "deletedAt": one.deleted_at,
    }


class IntegrationPage(Answer):
    """A page of integrations, by name."""

    items: list[IntegrationView]
    next_page_token: str | None


class ConsumedIntegration(Answer):
    """What a program needs to connect."""

    id: UUID
    name: str
    type: str
    config: dict[str, JsonValue]
    auth_ref_uri: str | None
    status: Status


def consumed(one: Integration, now: datetime) -> dict[str, object]:
    """Return what a consumer reads, as `ConsumedIntegration` declares it."""
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "config": one.config,
        "authRefUri": one.auth_ref_uri,
        "status": effective(one.status, one.stale_at, now).value,
    }


@dataclass(frozen=True, slots=True)
class Page:
    """A page in plain values, as `IntegrationPage` and `ByTypePage` declare it."""

    items: Sequence[dict[str, object]]
    nextPageToken: str | None  # noqa: N815 - the name on the wire


class ByTypePage(Answer):
    """A page of one type's integrations, by name."""

    items: list[ConsumedIntegration]
    next_page_token: str | None


class ListQuery(PageQuery):
    """How integrations are searched."""

    type: str | None = Field(None, max_length=64)
    category: str | None = Field(None, max_length=64)
    status: Status | None = None
    tag: str | None = Field(None, max_length=64)
    q: str | None = Field(None, max_length=200, description="The name contains this, whatever the case.")
    deleted: bool = Field(default=False, description="Only deleted ones.")


class DeleteQuery(Query):
    """How an integration is deleted."""

    force: bool = Field(default=False, description="Delete it although other programs read it.")


class DependentView(Answer):
    """A program that reads the integration."""

    consumer: str
    last_seen_at: Instant

    @classmethod
    def of(cls, dependent: Dependent) -> Self:
        """Write a dependent."""
        return cls(consumer=dependent.consumer, last_seen_at=dependent.last_seen_at)


class DependentsView(Answer):
    """Who reads the integration, newest first."""

    items: list[DependentView]
