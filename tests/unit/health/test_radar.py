"""The credential radar: told at 30, 14, 7 and 1 days, each once, and rotations noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.events.model import EventType, Severity
from tests.unit.health.test_machine import INTERVAL, NOW, claim, found, run

DAY = timedelta(days=1)
OK = found(Reason.OK)
TIMEOUT = found(Reason.TIMEOUT)


def told(records) -> list[tuple[str, int]]:
    events = [event for record in records for event in record.events if event.type is EventType.CREDENTIAL_ENDING]
    assert {event.severity for event in events} <= {Severity.ALERT}
    return [(event.data["what"], event.data["daysLeft"]) for event in events]


@pytest.mark.parametrize("field", ["credential_ends_at", "certificate_ends_at"])
def test_each_threshold_is_told_once_on_the_way_to_the_end(field):
    ends = replace(OK, **{field: NOW + 40 * DAY})
    records = run(*[ends] * 82, gap_s=DAY.total_seconds() / 2)
    assert told(records) == [(field.partition("_")[0], days) for days in (30, 14, 7, 1)]


def test_one_found_late_is_told_once_and_not_for_each_threshold_it_has_passed():
    assert told(run(*[replace(OK, credential_ends_at=NOW + 5 * DAY)] * 10)) == [("credential", 5)]


def test_a_renewed_one_begins_anew():
    old, new = replace(OK, credential_ends_at=NOW + 5 * DAY), replace(OK, credential_ends_at=NOW + 50 * DAY)
    last = replace(OK, credential_ends_at=NOW + 6 * DAY)
    assert told(run(old, old, new, new, last, last)) == [("credential", 5), ("credential", 6)]


def test_nothing_is_told_in_a_quiet_time_and_it_is_told_after_it():
    ends = replace(OK, credential_ends_at=NOW + 5 * DAY)
    assert told(run(ends, start=claim(paused=True))) == []
    quiet = run(ends, start=claim(paused=True))[-1].standing
    assert told(run(ends, start=claim(standing=quiet))) == [("credential", 5)]


def test_the_sooner_of_the_token_s_end_and_the_secret_s_counts():
    facts = CredentialFacts("v:1", None, NOW + 3 * DAY)
    (record,) = run(replace(OK, credential_ends_at=NOW + 9 * DAY, facts=facts))
    assert record.standing.credential_ends_at == NOW + 3 * DAY


def test_a_failed_check_forgets_no_end():
    first, failed = run(replace(OK, credential_ends_at=NOW + 9 * DAY, certificate_ends_at=NOW + 8 * DAY), TIMEOUT)
    assert failed.standing.credential_ends_at == first.standing.credential_ends_at == NOW + 9 * DAY
    assert failed.standing.certificate_ends_at == NOW + 8 * DAY


def test_nor_does_the_secret_s_own_later_end_hide_it_or_have_it_told_again():
    facts = CredentialFacts("v:1", None, NOW + 20 * DAY)
    good, failed = replace(OK, credential_ends_at=NOW + 5 * DAY, facts=facts), replace(TIMEOUT, facts=facts)
    records = run(good, failed, good, failed)
    assert {record.standing.credential_ends_at for record in records} == {NOW + 5 * DAY}
    assert told(records) == [("credential", 5)]


def test_but_a_new_secret_s_end_takes_the_place_of_the_old_one_s():
    good = replace(OK, credential_ends_at=NOW + 5 * DAY, facts=CredentialFacts("v:1", None, NOW + 20 * DAY))
    failed = replace(TIMEOUT, facts=CredentialFacts("v:2", None, NOW + 60 * DAY))
    assert run(good, failed)[-1].standing.credential_ends_at == NOW + 60 * DAY


def revised(*revisions: str | None):
    return run(*[replace(OK, facts=CredentialFacts(revision)) for revision in revisions])


def test_a_rotation_is_noticed_by_its_revision_and_not_the_first_sight():
    first, same, other = revised("v:1", "v:1", "v:2")
    assert first.standing.credential_rotated_at is same.standing.credential_rotated_at is None
    assert other.standing.credential_rotated_at == NOW + timedelta(seconds=2 * INTERVAL)
    assert other.standing.secret_revision == "v:2"


def test_another_way_of_telling_is_no_rotation():
    assert revised("h1:abc", "h2:def", "v:1")[-1].standing.credential_rotated_at is None


def test_the_backend_s_own_time_of_rotation_goes_first():
    at = NOW - 3 * DAY
    facts = [CredentialFacts("v:1", at), CredentialFacts("v:2", at + DAY)]
    first, second = run(*[replace(OK, facts=one) for one in facts])
    assert first.standing.credential_rotated_at == at
    assert second.standing.credential_rotated_at == at + DAY


def test_a_check_that_could_not_tell_forgets_nothing():
    records = run(replace(OK, facts=CredentialFacts("v:1")), found(Reason.SECRET_UNAVAILABLE), OK)
    assert {record.standing.secret_revision for record in records} == {"v:1"}


def test_only_where_the_next_check_is_far_off_the_secret_is_looked_at_before():
    near = run(OK, start=claim(auth_ref_uri="authref://vault/a", check_interval_seconds=60))[-1]
    far = run(OK, start=claim(auth_ref_uri="authref://vault/a", check_interval_seconds=86_400))[-1]
    resting = run(found(Reason.CREDENTIAL_REJECTED), start=claim(auth_ref_uri="authref://vault/a"))[-1]
    without = run(found(Reason.CREDENTIAL_REJECTED), start=claim())[-1]
    assert near.standing.look_at is without.standing.look_at is None
    assert far.standing.look_at == resting.standing.look_at == NOW + timedelta(minutes=5)
