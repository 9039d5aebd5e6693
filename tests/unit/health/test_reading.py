"""What is read of health is true at the time it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from integrations_hub.health.model import LatestHealth, Standing
from integrations_hub.health.status import Status, stale_after
from integrations_hub.health.views import CheckView

CHECKED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def read(after: timedelta, planned: timedelta) -> CheckView:
    """Return what is read so long after a check that found it unhealthy, the next one planned for then."""
    next_at = CHECKED + planned
    standing = Standing(
        status=Status.UNHEALTHY,
        last_checked_at=CHECKED,
        next_check_at=next_at,
        stale_at=stale_after(CHECKED, next_at, 300),
    )
    latest = LatestHealth(
        standing=standing,
        status_changed_at=CHECKED,
        claimed_at=None,
        leased_until=None,
        latency_ms=5.0,
        check_status=Status.UNHEALTHY,
        check_reason=None,
        error_message=None,
        steps=(),
    )
    return CheckView.of(uuid4(), latest, CHECKED + after)


def test_one_that_is_overdue_reads_unknown_and_shows_its_age():
    assert read(timedelta(minutes=10), timedelta(minutes=5)).status is Status.UNHEALTHY
    overdue = read(timedelta(minutes=10, seconds=1), timedelta(minutes=5))
    assert (overdue.status, overdue.check_status, overdue.age_seconds) == (Status.UNKNOWN, Status.UNHEALTHY, 601.0)


def test_one_that_rests_on_purpose_keeps_its_status_with_age_and_next_attempt():
    resting = read(timedelta(hours=5), timedelta(hours=6))
    assert (resting.status, resting.age_seconds) == (Status.UNHEALTHY, 5 * 3600.0)
    assert resting.next_check_at == CHECKED + timedelta(hours=6)


def test_a_clock_that_is_behind_makes_no_negative_age():
    assert read(timedelta(seconds=-1), timedelta(minutes=5)).age_seconds == 0.0
