"""The words of health: a claim to check, the standing it finds, what is recorded, and what history says.

What each check makes anew is a named tuple: a frozen dataclass takes four times as long to make and to replace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from integrations_hub.catalog.model import MaintenanceWindow
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CredentialFacts, Step
from integrations_hub.events.model import Event
from integrations_hub.health.status import Status

__all__ = [
    "Claim",
    "HealthOverview",
    "HealthWindow",
    "HistoryEntry",
    "LatestHealth",
    "Look",
    "OverviewQuery",
    "Recorded",
    "SparkPoint",
    "Standing",
]

_NOTHING: Mapping[str, Any] = {}


class Standing(NamedTuple):
    """What past checks of one integration add up to. `status` is as stored; `stale_at` says how long it holds.

    `failures` and `successes` count in a row; `alert_open` is true from the alert to its recovery; `rests` is how
    often in a row it was sent to rest after a rejected credential; `checks` counts them all. `secret_revision` is
    another text after each rotation; `look_at` is when to look for one, where the next check is far off; `endings_told`
    says which ends were told of, and how many days before; `cause` is what the last failure shares with others.
    """

    status: Status = Status.UNKNOWN
    reason: Reason | None = None
    failures: int = 0
    successes: int = 0
    alert_open: bool = False
    rests: int = 0
    checks: int = 0
    last_checked_at: datetime | None = None
    next_check_at: datetime | None = None
    stale_at: datetime | None = None
    retry_after_until: datetime | None = None
    credential_ends_at: datetime | None = None
    certificate_ends_at: datetime | None = None
    credential_rotated_at: datetime | None = None
    secret_revision: str | None = None
    look_at: datetime | None = None
    endings_told: Mapping[str, Any] = _NOTHING
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A secret to look at: of which integration, and what was known of it."""

    integration_id: UUID
    tenant_id: str
    type: str
    config: Mapping[str, Any]
    auth_ref_uri: str
    known: CredentialFacts


class Claim(NamedTuple):
    """The right to check one integration once: who holds the lease token may record the result, nobody else.

    `traceparent` is the trace a message brought with it; empty for a claim made here.
    """

    integration_id: UUID
    tenant_id: str
    lease: UUID
    claimed_at: datetime
    type: str
    name: str
    config: Mapping[str, Any]
    auth_ref_uri: str | None
    target: str
    check_interval_seconds: int
    failure_threshold: int
    success_threshold: int
    paused: bool
    maintenance: Sequence[MaintenanceWindow]
    standing: Standing
    traceparent: str = ""

    @property
    def interval(self) -> timedelta:
        """Return the time between two checks."""
        return timedelta(seconds=self.check_interval_seconds)


class Recorded(NamedTuple):
    """The outcome of one claim: the history entry, the standing that follows, and the events it causes."""

    integration_id: UUID
    lease: UUID
    claimed_at: datetime
    checked_at: datetime
    latency_ms: float
    check_status: Status  # what this check alone says, as history keeps it
    check_reason: Reason
    error_message: str | None
    steps: Sequence[Step]
    keep_steps: bool  # history keeps steps when not healthy or on a transition
    in_maintenance: bool
    standing: Standing
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One past check."""

    checked_at: datetime
    status: Status
    reason: Reason
    latency_ms: float
    error_message: str | None
    steps: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthWindow:
    """What the checks since a full hour so many hours ago add up to; None where there were none.

    In per cent, milliseconds and seconds. A latency is within 2 % of that of the check it stands for.
    """

    hours: int
    checks: int
    uptime_percent: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    mttr_seconds: float | None
    transitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkPoint:
    """One hour: the worst verdict of its checks, `unknown` when none had one; None when none counted."""

    starts_at: datetime
    status: Status | None
    latency_p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestHealth:
    """The latest check of an integration with its steps, and its standing. `leased_until`: a check is under way."""

    standing: Standing
    status_changed_at: datetime | None
    claimed_at: datetime | None
    leased_until: datetime | None
    latency_ms: float | None
    check_status: Status | None
    check_reason: Reason | None
    error_message: str | None
    steps: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """What is asked of an integration's past.

    `windows`: since a full hour so many hours ago each; `points`: that many hours, one point each, the last is the one
    under way; `limit` past checks, those before `before`.
    """

    windows: Sequence[int]
    points: int
    limit: int
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class HealthOverview:
    """What is known of an integration: windows as they were asked for, points oldest first, history newest first.

    Maintenance counts in history only.
    """

    latest: LatestHealth
    windows: Sequence[HealthWindow]
    points: Sequence[SparkPoint]
    history: Sequence[HistoryEntry]
