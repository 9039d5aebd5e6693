"""The claim's caps: of one host, of one tenant, in all; nobody starves behind them, nor behind a write that waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.contract import Category, Connector, ConnectorConfig, CredentialNeed, Endpoint
from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.reasons import StepName
from integrations_hub.connector.transport import Transport
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.sweep import Queued
from integrations_hub.health.worker import CheckWorker
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.slots import Caps
from integrations_hub.settings import HealthSettings
from integrations_hub.storage.sweep import PostgresSweep
from tests.faults.sweeping import NoSecrets
from tests.support.catalogue import YEARS_S, a_caller, passed, postgres_stores, recorded


@pytest.fixture
def fresh(cluster):
    made = cluster.fresh()
    yield made
    made.close()


class Config(ConnectorConfig):
    endpoint: str


class Told(Connector[Config]):
    """A provider that takes its time where its address says so; nothing is sent to it."""

    type, category, version = "told", Category.TEST, "1"
    credential = CredentialNeed.OPTIONAL
    config_model = Config

    def endpoint(self, config: Config) -> Endpoint:
        return Endpoint(config.endpoint)

    async def check_health(self, probe) -> None:
        async with probe.step(StepName.PRODUCT):
            await asyncio.sleep(0.2 if "slow" in probe.config.endpoint else 0)


class OneOf:
    """A `PluginCatalog` with one connector."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def get(self, type_: str):
        return self._connector if type_ == self._connector.type else None

    def types(self) -> list[str]:
        return [self._connector.type]

    def scan(self) -> list:
        return []


def sweep(database, **caps) -> PostgresSweep:
    return PostgresSweep(database.connections("hub_worker"), **caps)


def a_worker(store: PostgresSweep, connector: Connector, caps: Caps) -> CheckWorker:
    host = InProcessHost(OneOf(connector), NoSecrets(), Transport(EgressPolicy(())), BackgroundLoop(), caps=caps)
    return CheckWorker(store, host, Incidents(store, host), caps.total, lambda: datetime.now(UTC))


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


def test_a_slow_host_with_more_due_than_there_is_room_keeps_no_other_waiting(fresh):
    # Given sixty due of one host, long before one of another, and a worker with room for twenty
    stores, caller, now = postgres_stores(fresh), a_caller(), datetime.now(UTC)
    slow, quick = ("https://slow.example", "https://quick.example")
    given = {"type": "told", "auth_ref_uri": None, "failure_threshold": 3, "check_interval_seconds": YEARS_S}
    for n in range(60):
        due = now - timedelta(minutes=5)
        stores.add(caller, f"s{n}", config={"endpoint": slow}, target="slow.example:443", next_check_at=due, **given)
    one = stores.add(caller, "q", config={"endpoint": quick}, target="quick.example:443", **given)
    settings = HealthSettings.model_validate({"CHECK_CONCURRENCY": 20, "CHECKS_PER_HOST": 5, "CHECKS_PER_TENANT": 20})
    store = sweep(fresh, **settings.claimed(queued=False))
    worker = a_worker(store, Told(), Caps(settings.concurrency, settings.per_host, settings.per_tenant))
    # When
    worker.run(lambda room: store.claim_due(room, 60), 60.0)
    # Then everybody was checked, and the other one with the first of them
    with fresh.connect("postgres") as admin:
        order = [row[0] for row in admin.execute("SELECT integration_id FROM hub.health_checks ORDER BY checked_at")]
    assert len(order) == len(set(order)) == 61
    assert order.index(one.id) <= 2 * settings.per_host


def test_checks_go_on_while_a_write_waits_and_nothing_of_it_is_lost(fresh):
    class Counted(Told):
        asked = 0

        async def check_health(self, probe) -> None:
            self.asked += 1
            await super().check_health(probe)

    # Given thirty due, of which somebody holds one from when it is claimed until twenty were asked
    stores, caller, connector = postgres_stores(fresh), a_caller(), Counted()
    given = {"type": "told", "auth_ref_uri": None, "check_interval_seconds": YEARS_S}
    for n in range(30):
        host = f"{n}.example"
        stores.add(caller, host, config={"endpoint": f"https://{host}"}, target=f"{host}:443", **given)
    store, asked_when = sweep(fresh), list[int]()
    with fresh.connect("postgres") as holder:

        def source(room: int):
            claims = store.claim_due(min(room, 5), 60)
            if not asked_when:
                asked_when.append(0)
                holder.execute("BEGIN")
                lock = "SELECT 1 FROM hub.integration_health WHERE integration_id = %s FOR UPDATE"
                holder.execute(lock, (claims[0].integration_id,))
            elif asked_when == [0] and connector.asked >= 20:
                asked_when.append(connector.asked)
                holder.execute("ROLLBACK")
            return claims

        # When
        report = a_worker(store, connector, Caps(50, 50, 50)).run(source, 60.0)
        # Then
        ((rows,),) = holder.execute("SELECT count(*) FROM hub.health_checks").fetchall()
    assert len(asked_when) == 2
    assert (report.recorded, report.stale, rows) == (30, 0, 30)


def test_the_soonest_due_come_first(fresh):
    stores, caller, now = postgres_stores(fresh), a_caller(), datetime.now(UTC)
    due = {stores.add(caller, f"{n}", next_check_at=now - timedelta(seconds=n)).id: n for n in range(5)}
    assert [due[claim.integration_id] for claim in sweep(fresh).claim_due(3, 60)] == [4, 3, 2]


def test_a_queue_that_looks_ahead_is_not_held_to_the_caps_by_what_is_due_later(fresh):
    # Given forty of one host and tenant that fall due within the next minute, one after the other, and ten that are due
    stores, caller, now = postgres_stores(fresh), a_caller(), datetime.now(UTC)
    later = {
        stores.add(caller, f"later {n}", target="busy:443", next_check_at=now + timedelta(seconds=20 + n)).id
        for n in range(40)
    }
    for n in range(10):
        stores.add(caller, f"due {n}", target="busy:443", next_check_at=now)
    # When
    claimed = sweep(fresh, outstanding=100, per_target=3, per_tenant=4).claim_due(1000, 180, 60)
    # Then
    ahead = {claim.integration_id for claim in claimed if claim.integration_id in later}
    assert (len(ahead), len(claimed)) == (40, 43)


def test_what_is_sent_ahead_does_not_stop_the_claiming(fresh):
    stores, caller = postgres_stores(fresh), a_caller()
    for n in range(20):
        stores.add(caller, f"{n}", next_check_at=datetime.now(UTC) + timedelta(seconds=30))
    capped = sweep(fresh, outstanding=5)
    assert [len(capped.claim_due(5, 180, 60)) for _ in range(5)] == [5, 5, 5, 5, 0]


class Prompt:
    """A `CheckQueue` whose workers record each check before the next claim; nobody works once it is `dead`."""

    look_ahead_s = 0.0

    def __init__(self, store: PostgresSweep) -> None:
        self.dead = False
        self._store = store

    def send(self, claims, now):
        if not self.dead:
            self._store.record([recorded(claim, passed()) for claim in claims])
        return ()


def test_what_waits_behind_a_cap_is_sent_in_the_same_run_as_soon_as_there_is_room(fresh):
    # Given
    stores, caller = postgres_stores(fresh), a_caller()
    for n in range(20):
        stores.add(caller, f"{n}", target="busy:443", check_interval_seconds=YEARS_S)
    capped = sweep(fresh, per_target=3)
    queue = Prompt(capped)
    dispatch = Queued(capped, queue, lambda: datetime.now(UTC), pause_s=0.01)
    # When / Then
    assert dispatch.dispatch(30.0).sent == 20
    # And with workers that are dead it does not wait for ever
    given = {"target": "busy:443", "check_interval_seconds": YEARS_S}
    fresh_ones = [stores.add(caller, f"again {n}", **given) for n in range(5)]
    queue.dead = True
    assert dispatch.dispatch(30.0).sent == 3 < len(fresh_ones)
