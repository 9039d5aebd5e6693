"""Changes of the catalogue: whole or not at all, in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import (
    IdempotencyKey,
    IntegrationFilter,
)
from integrations_hub.connector.reasons import Reason
from integrations_hub.errors import Invalid, NameTaken
from integrations_hub.health.status import Status
from tests.support.catalogue import a_caller, failed, ids, integration, passed, recorded

EVERYTHING = IntegrationFilter()


def test_leaving_a_unit_without_commit_changes_nothing(stores):
    # Given
    caller = a_caller()
    # When
    with stores.catalog.write(caller) as unit:
        assert unit.count() == 0
        unit.add(integration(caller.tenant))
        unit.record(AuditEntry(AuditAction.CREATED, None))
    # Then
    assert not stores.catalog.page(caller.tenant, EVERYTHING, None, 10)
    assert not stores.audit.page(caller.tenant, None, 0, 10)


def test_a_taken_name_fails_at_commit_and_leaves_no_trace(stores):
    # Given
    caller = a_caller()
    stores.add(caller, "Straße")
    # When
    with pytest.raises(NameTaken):
        stores.add(caller, "STRASSE")
    # Then
    assert len(stores.audit.page(caller.tenant, None, 0, 10)) == 1
    assert stores.add(a_caller(), "Straße")


def test_a_change_of_config_forgets_the_standing_and_the_lease(stores):
    # Given an unhealthy one, leased for its next check
    caller = a_caller()
    made = stores.add(caller)
    (claim,) = stores.claim_of(caller)
    stores.sweep.record([recorded(claim, failed(Reason.CREDENTIAL_REJECTED))])
    leased = stores.health.claim(caller.tenant, made.id, 60)
    # When
    with stores.catalog.write(caller) as unit:
        old = unit.lock(made.id)
        new = replace(old, config={"endpoint": "https://new.example"}, version=2, updated_at=datetime.now(UTC))
        unit.replace(new, recheck=True)
        unit.commit()
    # Then
    found = stores.catalog.get(caller.tenant, made.id)
    assert (old.status, found.status, found.reason) == (Status.UNHEALTHY, Status.UNKNOWN, None)
    assert (found.next_check_at, found.version, found.config) == (new.updated_at, 2, new.config)
    assert not stores.health.record(caller.tenant, recorded(leased, passed()))
    (again,) = stores.claim_of(caller)
    assert (again.standing.failures, again.standing.rests, again.standing.alert_open) == (0, 0, True)
    assert again.config == new.config


def test_pause_and_resume_move_the_schedule(stores):
    # Given
    caller, now = a_caller(), datetime.now(UTC)
    made = stores.add(caller)
    (claim,) = stores.claim_of(caller)
    stores.sweep.record([recorded(claim, passed(), now)])

    def changed(**changes):
        with stores.catalog.write(caller) as unit:
            unit.replace(replace(unit.lock(made.id), **changes), recheck=False)
            unit.commit()
        return stores.catalog.get(caller.tenant, made.id)

    # When / Then
    paused = changed(paused=True, updated_at=now + timedelta(seconds=1))
    assert (paused.next_check_at, paused.stale_at) == (None, now + timedelta(seconds=600))
    assert not stores.claim_of(caller)
    assert stores.health.claim(caller.tenant, made.id, 0) is not None
    resumed = changed(paused=False, updated_at=now + timedelta(seconds=2))
    assert resumed.next_check_at == now + timedelta(seconds=2)
    slower = changed(check_interval_seconds=3600, updated_at=now)
    assert slower.next_check_at > now
    assert slower.stale_at >= now + timedelta(seconds=7200)


def test_delete_and_restore(stores):
    # Given
    caller, at = a_caller(), datetime.now(UTC)
    made = stores.add(caller)
    # When
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id)
        unit.delete(made.id, at)
        unit.commit()
    # Then
    assert stores.catalog.get(caller.tenant, made.id) is None
    assert not stores.claim_of(caller)
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(deleted=True), None, 10)) == [made.id]
    assert stores.audit.page(caller.tenant, made.id, 0, 10)
    # When
    with stores.catalog.write(caller) as unit:
        assert unit.lock(made.id) is None
        assert unit.lock(made.id, deleted=True).deleted_at == at
        assert unit.count() == 0
        unit.restore(made.id, at)
        unit.commit()
    # Then
    found = stores.catalog.get(caller.tenant, made.id)
    assert (found.status, found.next_check_at, found.version) == (Status.UNKNOWN, at, 3)


def test_a_name_taken_since_cannot_be_restored(stores):
    caller = a_caller()
    made = stores.add(caller)
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id)
        unit.delete(made.id, datetime.now(UTC))
        unit.commit()
    stores.add(caller)
    # When
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id, deleted=True)
        unit.restore(made.id, datetime.now(UTC))
        with pytest.raises(NameTaken):
            unit.commit()
    # Then
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(deleted=True), None, 10)) == [made.id]


def test_a_repeated_key_gets_the_first_answer_and_another_body_is_refused(stores):
    # Given
    caller, key = a_caller(), IdempotencyKey("k-1", "POST /", b"\x01" * 32)
    answer = {"id": "one", "name": "Größe", "n": [1, None]}
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) is None
        unit.finish_idempotent(key, answer)
        unit.commit()
    # Then
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) == answer
    with stores.catalog.write(caller) as unit, pytest.raises(Invalid):
        unit.begin_idempotent(replace(key, body_sha256=b"\x02" * 32))
    for another in (a_caller(), replace(caller, subject="bob")):
        with stores.catalog.write(another) as unit:
            assert unit.begin_idempotent(key) is None
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(replace(key, route="POST /other")) is None


def test_a_failed_request_keeps_no_key(stores):
    caller, key = a_caller(), IdempotencyKey("k-1", "POST /", b"\x01" * 32)
    stores.add(caller, "taken")
    with stores.catalog.write(caller) as unit:
        unit.begin_idempotent(key)
        unit.add(integration(caller.tenant, "taken"))
        unit.finish_idempotent(key, {})
        with pytest.raises(NameTaken):
            unit.commit()
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) is None
