"""The claim's caps: of one host, of one tenant, in all; and nobody starves behind them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.storage.sweep import PostgresSweep
from tests.support.catalogue import a_caller, passed, postgres_stores, recorded


@pytest.fixture
def fresh(cluster):
    made = cluster.fresh()
    yield made
    made.close()


def sweep(database, **caps) -> PostgresSweep:
    return PostgresSweep(database.connections("hub_worker"), **caps)


def test_one_host_gets_no_more_than_its_share_and_others_are_not_starved(fresh):
    # Given a busy host whose integrations are all due before anybody else's
    stores, caller, now = postgres_stores(fresh), a_caller(), datetime.now(UTC)
    for n in range(100):
        stores.add(caller, f"busy {n}", target="busy:443", next_check_at=now - timedelta(minutes=5))
    for n in range(5):
        stores.add(caller, f"calm {n}", target=f"calm-{n}:443")
    capped = sweep(fresh, per_target=3)
    # When
    first = capped.claim_due(10, 60)
    # Then
    hosts = Counter(claim.target.split("-")[0] for claim in first)
    assert hosts == {"busy:443": 3, "calm": 5}
    assert not capped.claim_due(10, 60)
    capped.record([recorded(claim, passed()) for claim in first if claim.target == "busy:443"])
    assert len(capped.claim_due(10, 60)) == 3


def test_one_tenant_gets_no_more_than_its_share(fresh):
    stores, greedy, modest = postgres_stores(fresh), a_caller(), a_caller()
    for n in range(60):
        stores.add(greedy, f"{n}", target=f"{n}:443", next_check_at=datetime.now(UTC) - timedelta(minutes=5))
    stores.add(modest)
    claimed = Counter(claim.tenant_id for claim in sweep(fresh, per_tenant=4).claim_due(10, 60))
    assert claimed == {greedy.tenant: 4, modest.tenant: 1}


def test_claiming_stops_when_too_much_is_out(fresh):
    stores, caller = postgres_stores(fresh), a_caller()
    for n in range(10):
        stores.add(caller, f"{n}")
    capped = sweep(fresh, outstanding=6)
    assert (len(capped.claim_due(4, 60)), len(capped.claim_due(4, 60)), len(capped.claim_due(4, 60))) == (4, 2, 0)


def test_the_soonest_due_come_first(fresh):
    stores, caller, now = postgres_stores(fresh), a_caller(), datetime.now(UTC)
    due = {stores.add(caller, f"{n}", next_check_at=now - timedelta(seconds=n)).id: n for n in range(5)}
    assert [due[claim.integration_id] for claim in sweep(fresh).claim_due(3, 60)] == [4, 3, 2]
