"""The catalogue's own words: an integration, a draft of one, and how lists are asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations_hub.connector.reasons import Reason
from integrations_hub.health.status import Status

__all__ = [
    "Dependent",
    "Ending",
    "IdempotencyKey",
    "Integration",
    "IntegrationFilter",
    "MaintenanceWindow",
    "Position",
    "Summary",
    "name_key",
]


def name_key(name: str) -> str:
    """Return the form of a name that decides uniqueness and order: NFKC, then case folded.

    Computed here and stored with COLLATE "C", so that every PostgreSQL sorts it alike.
    """
    return unicodedata.normalize("NFKC", name).casefold()


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A planned quiet time: checks are stored and alert nobody. `owner` is who answers for it."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    owner: str = ""


@dataclass(slots=True, kw_only=True)  # not frozen, which would treble the cost of building a page of them
class Integration:
    """One registered connection of one tenant, with the standing its checks gave it; never changed, only replaced.

    `status` is what was last decided; `stale_at` is when it stops being believed (see `health.status.effective`).
    `config` never holds a secret; `auth_ref_uri` is a reference to one.
    """

    id: UUID
    tenant_id: str
    type: str
    category: str
    name: str
    config: Mapping[str, Any]
    auth_ref_uri: str | None
    tags: Sequence[str]
    target: str
    paused: bool
    maintenance: Sequence[MaintenanceWindow]
    check_interval_seconds: int
    failure_threshold: int
    success_threshold: int
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    status: Status = Status.UNKNOWN
    reason: Reason | None = None
    status_changed_at: datetime | None = None
    last_checked_at: datetime | None = None
    next_check_at: datetime | None = None
    stale_at: datetime | None = None
    credential_ends_at: datetime | None = None
    credential_rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list ordered by (name_key, id): a page starts after it."""

    name_key: str
    id: UUID


@dataclass(frozen=True, slots=True)
class IntegrationFilter:
    """Which integrations a list is about; None means any. `name_contains` is already a `name_key`."""

    type: str | None = None
    category: str | None = None
    status: Status | None = None
    tag: str | None = None
    name_contains: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Dependent:
    """A program that reads an integration through by-type, and when it last did."""

    consumer: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """One client's promise that a repeated request is the same request: key, route, and SHA-256 of the raw body."""

    key: str
    route: str
    body_sha256: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """What of an integration ends soon or has ended: `what` is its credential, certificate or installation."""

    id: UUID
    name: str
    type: str
    what: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """A tenant's catalogue in numbers, as of one moment."""

    counts: Mapping[tuple[str, Status], int] = field(default_factory=dict)
    oldest_check_at: datetime | None = None
    ending: Sequence[Ending] = ()  # soonest first
    audit_seq: int = 0
    audit_hash: str = ""
