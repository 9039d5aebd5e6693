"""When an integration is due after its registration changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from integrations_hub.health.machine import next_due
from integrations_hub.storage.schedule import rescheduled
from tests.support.catalogue import integration

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DUE, STALE = NOW + timedelta(seconds=200), NOW + timedelta(seconds=500)
CHECKED = replace(integration("acme"), last_checked_at=NOW - timedelta(seconds=100), next_check_at=DUE, stale_at=STALE)


def after(change: dict, old=CHECKED, rests_until=None):
    return rescheduled(old, replace(old, **change), rests_until=rests_until, now=NOW)


def test_other_changes_leave_the_schedule_alone():
    assert after({"name": "new"}) == (DUE, STALE)


def test_a_paused_one_is_believed_for_two_intervals_after_its_last_check():
    assert after({"paused": True}) == (None, NOW + timedelta(seconds=500))
    assert after({"paused": True}, replace(CHECKED, last_checked_at=None)) == (None, STALE)


def test_a_resumed_one_is_due_now():
    paused = replace(CHECKED, paused=True, next_check_at=None)
    assert after({"paused": False}, paused) == (NOW, STALE)


def test_a_paused_one_stays_as_it_is_when_something_else_changes():
    paused = replace(CHECKED, paused=True, next_check_at=None)
    assert after({"check_interval_seconds": 60}, paused) == (None, STALE)


def test_a_changed_interval_starts_a_new_beat():
    due, stale = after({"check_interval_seconds": 60})
    assert due == next_due(CHECKED.id, NOW, 60)
    assert stale == max(due + timedelta(seconds=60), NOW + timedelta(seconds=20))


def test_one_that_rests_keeps_resting():
    due, stale = after({"check_interval_seconds": 60}, rests_until=DUE)
    assert (due, stale) == (DUE, DUE + timedelta(seconds=60))
