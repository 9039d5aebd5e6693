"""The words of health: a claim to check, the standing it finds, what is recorded, and what history says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from integrations_hub.catalog.model import MaintenanceWindow
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import Step
from integrations_hub.events.model import Event
from integrations_hub.health.status import Status

__all__ = ["Claim", "HealthWindow", "HistoryEntry", "LatestHealth", "Recorded", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What past checks of one integration add up to. `status` is as stored; `stale_at` says how long it holds.

    `failures` and `successes` count in a row; `alert_open` is true from the alert to its recovery; `rests` is how
    often in a row it was sent to rest after a rejected credential; `checks` counts them all.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to check one integration once: who holds the lease token may record the result, nobody else."""

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

    @property
    def interval(self) -> timedelta:
        """Return the time between two checks."""
        return timedelta(seconds=self.check_interval_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
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
    """What the checks of a time span add up to, in per cent, milliseconds and seconds; None where there were none."""

    hours: int
    checks: int
    uptime_percent: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    mttr_seconds: float | None
    transitions: int


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
