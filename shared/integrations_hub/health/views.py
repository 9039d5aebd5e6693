"""Health on the wire: the result of a check with its steps, and what history adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.results import Step, StepStatus
from integrations_hub.health.model import HealthWindow, HistoryEntry, LatestHealth, SparkPoint
from integrations_hub.health.status import Status, effective
from integrations_hub.views import Answer, Instant, PageQuery

__all__ = [
    "CheckView",
    "HealthView",
    "HistoryQuery",
    "HistoryView",
    "SparkPointView",
    "StepView",
    "TestView",
    "WindowView",
    "steps_of",
]


class StepView(Answer):
    """One step of a check: what was seen, and what a person can do about it."""

    name: StepName
    status: StepStatus
    duration_ms: float
    reason: Reason
    evidence: str
    remedy: str


def steps_of(steps: Sequence[Step | Mapping[str, Any]]) -> list[StepView]:
    """Write steps, fresh ones or stored ones."""
    return [
        StepView.model_validate(step, by_alias=True) if isinstance(step, Mapping) else _fresh(step) for step in steps
    ]


def _fresh(step: Step) -> StepView:
    return StepView(
        name=step.name,
        status=step.status,
        duration_ms=round(step.duration_ms, 1),
        reason=step.reason,
        evidence=step.evidence,
        remedy=step.remedy,
    )


class CheckView(Answer):
    """An integration's standing and its latest check: `status` counts those before, `checkStatus` is this one's."""

    integration_id: UUID
    status: Status
    reason: Reason | None
    status_changed_at: Instant | None
    check_status: Status | None
    check_reason: Reason | None
    checked_at: Instant | None
    age_seconds: float | None = Field(description="Since the latest check. One that is overdue makes `status` unknown.")
    latency_ms: float | None
    error_message: str | None
    steps: list[StepView]
    consecutive_failures: int
    consecutive_successes: int
    next_check_at: Instant | None
    retry_after_until: Instant | None

    @classmethod
    def of(cls, integration_id: UUID, latest: LatestHealth, now: datetime) -> Self:
        """Write what is known now."""
        standing = latest.standing
        return cls(
            integration_id=integration_id,
            status=effective(standing.status, standing.stale_at, now),
            reason=standing.reason,
            status_changed_at=latest.status_changed_at,
            check_status=latest.check_status,
            check_reason=latest.check_reason,
            checked_at=standing.last_checked_at,
            age_seconds=_age_s(standing.last_checked_at, now),
            latency_ms=latest.latency_ms,
            error_message=latest.error_message,
            steps=steps_of(latest.steps),
            consecutive_failures=standing.failures,
            consecutive_successes=standing.successes,
            next_check_at=standing.next_check_at,
            retry_after_until=standing.retry_after_until,
        )


def _age_s(checked_at: datetime | None, now: datetime) -> float | None:
    return None if checked_at is None else max(0.0, round((now - checked_at).total_seconds(), 1))


def _tenths(latency_ms: float | None) -> float | None:
    return None if latency_ms is None else round(latency_ms, 1)


class WindowView(Answer):
    """What the checks of the last `hours` full hours and the one under way add up to; null where there were none.

    Maintenance does not count. A latency is within 2 % of that of the check it stands for.
    """

    hours: int
    checks: int
    uptime_percent: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    mttr_seconds: float | None
    transitions: int
    flapping: bool

    @classmethod
    def of(cls, window: HealthWindow) -> Self:
        """Write a window; flapping is more than six changes between working and failing in a day's worth of hours."""
        flapping = window.transitions > _FLAPS_PER_DAY * max(window.hours / 24, 1)
        return cls(
            hours=window.hours,
            checks=window.checks,
            uptime_percent=window.uptime_percent,
            latency_p50_ms=_tenths(window.latency_p50_ms),
            latency_p95_ms=_tenths(window.latency_p95_ms),
            mttr_seconds=window.mttr_seconds,
            transitions=window.transitions,
            flapping=flapping,
        )


_FLAPS_PER_DAY = 6


class SparkPointView(Answer):
    """One hour: the worst verdict of its checks, `unknown` when none had one; null when none counted."""

    starts_at: Instant
    status: Status | None
    latency_p95_ms: float | None

    @classmethod
    def of(cls, point: SparkPoint) -> Self:
        """Write a point."""
        return cls(starts_at=point.starts_at, status=point.status, latency_p95_ms=_tenths(point.latency_p95_ms))


class HistoryView(Answer):
    """One past check; steps are kept of those that were not healthy or changed the status."""

    checked_at: Instant
    status: Status
    reason: Reason
    latency_ms: float
    error_message: str | None
    steps: list[StepView] | None

    @classmethod
    def of(cls, entry: HistoryEntry) -> Self:
        """Write a past check."""
        return cls(
            checked_at=entry.checked_at,
            status=entry.status,
            reason=entry.reason,
            latency_ms=entry.latency_ms,
            error_message=entry.error_message,
            steps=None if entry.steps is None else steps_of(entry.steps),
        )


class HistoryQuery(PageQuery):
    """How history is paged, newest first."""


class HealthView(Answer):
    """An integration's health: the latest check, the last 24 hours, 7 and 30 days, and past checks, newest first.

    `sparkline` has the last 24 hours, one point each, oldest first; the last is the hour under way.
    """

    latest: CheckView
    windows: list[WindowView]
    sparkline: list[SparkPointView]
    history: list[HistoryView]
    next_page_token: str | None


class TestView(Answer):
    """What a dry run found. Nothing was stored; `receipt` proves the test to `POST /` for ten minutes."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    status: Status
    reason: Reason
    latency_ms: float
    error_message: str | None
    steps: list[StepView]
    credential_ends_at: Instant | None
    receipt: str | None = Field(description="Send it as X-Test-Receipt when registering the same body.")
