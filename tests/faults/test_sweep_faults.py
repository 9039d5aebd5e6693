"""Real workers on real PostgreSQL that die, a server that restarts, messages that come twice: nothing is lost or double.

Each round makes everything due and waits until everything is checked. What was checked twice, or a transition that was
recorded twice, would show in the counts.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.transport import Transport
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.messages import CheckMessages, body_of
from integrations_hub.health.worker import CheckWorker
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from integrations_hub.storage.migrate import migrate
from integrations_hub.storage.sweep import PostgresSweep
from local.postgres import DATABASE, EmbeddedPostgres, EmbeddedPostgresError
from tests.faults.sweeping import NoSecrets
from tests.support.catalogue import YEARS_S, a_caller, postgres_stores
from tests.support.databases import LOGIN_ROLES, Database
from tests.support.hub import outside_folder

LEASE_S = 1.0
COUNT = 40
LONGEST_ROUND_S = 30.0  # dozens of leases: only what is stuck takes that long
FLAPPING = {"script": [{"do": "flap", "period": 1}]}


class Ground:
    """A database of its own server, with integrations that change their status at every check."""

    def __init__(self, server: EmbeddedPostgres, config: Mapping[str, object]) -> None:
        self.server = server
        self.database = Database(server, DATABASE)
        migrate(server.bootstrap_cluster(), passwords={role: server.password(role) for role in LOGIN_ROLES})
        stores, caller = postgres_stores(self.database), a_caller()
        given = {"type": "in-memory", "config": config, "auth_ref_uri": None, "check_interval_seconds": YEARS_S}
        for n in range(COUNT):
            stores.add(caller, f"{n}", target=f"{n}:443", **given)

    def rows(self, query: str) -> list[tuple]:
        """Ask as the superuser, waiting for a server that restarts."""
        ends = monotonic() + LONGEST_ROUND_S
        while True:
            try:
                with psycopg.connect(self.database.dsn("postgres"), autocommit=True) as connection:
                    cursor = connection.execute(query)
                    return cursor.fetchall() if cursor.description else []
            except (psycopg.OperationalError, EmbeddedPostgresError):
                if monotonic() > ends:
                    raise
                sleep(0.05)

    def round(self, number: int) -> None:
        """Make everything due, and wait until everything has had check number so-and-so."""
        self.rows("UPDATE hub.integration_health SET next_check_at = now()")
        behind = f"SELECT count(*) FROM hub.integration_health WHERE checks < {number}"
        self.wait_for(behind, lambda count: count == 0)

    def wait_for(self, count: str, enough: Callable[[int], bool]) -> None:
        ends = monotonic() + LONGEST_ROUND_S
        while not enough(self.rows(count)[0][0]):
            assert monotonic() < ends, count
            sleep(0.05)

    def assert_each_checked(self, rounds: int) -> None:
        """See that each round was one check and one transition of each, told once and in order."""
        assert self.rows("SELECT DISTINCT checks FROM hub.integration_health") == [(rounds,)]
        assert self.rows("SELECT count(*) FROM hub.health_checks") == [(rounds * COUNT,)]
        assert self.rows("SELECT count(*) FROM hub.integration_health WHERE lease IS NOT NULL") == [(0,)]
        told = self.rows("SELECT integration_id, data ->> 'from', data ->> 'to' FROM hub.outbox ORDER BY 1, sequence")
        assert len(told) == rounds * COUNT
        for (one, _, became), (other, was, _) in pairwise(told):
            assert one != other or became == was


@contextmanager
def a_ground(config: Mapping[str, object] = FLAPPING) -> Iterator[Ground]:
    with outside_folder() as folder, EmbeddedPostgres(folder) as server:
        ground = Ground(server, config)
        try:
            yield ground
        finally:
            ground.database.close()


class Workers:
    """Forks workers, and kills them."""

    def __init__(self, dsn: str, lease_s: float) -> None:
        command = [sys.executable, "-m", "tests.faults.sweeping", dsn, str(lease_s)]
        roots = os.pathsep.join(str(path) for path in (ROOT, ROOT / "infra"))
        self._parent = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": roots},
        )
        self.alive: list[int] = []

    def start(self) -> None:
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        self.alive.append(int(self._parent.stdout.readline()))

    def kill_one(self) -> None:
        os.kill(self.alive.pop(random.randrange(len(self.alive))), signal.SIGKILL)

    def stop(self) -> None:
        while self.alive:
            with suppress(ProcessLookupError):
                self.kill_one()
        self._parent.communicate(timeout=30)


ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def workers(ground: Ground, count: int, lease_s: float = LEASE_S) -> Iterator[Workers]:
    made = Workers(ground.database.dsn("hub_worker"), lease_s)
    try:
        for _ in range(count):
            made.start()
        yield made
    finally:
        made.stop()


@contextmanager
def meanwhile(fault: Callable[[], None], times: int, between_s: tuple[float, float]) -> Iterator[Callable[[], bool]]:
    """Do something so many times at random moments; yields what tells whether that is over."""

    def keep_on() -> None:
        for _ in range(times):
            sleep(random.uniform(*between_s))
            fault()

    with ThreadPoolExecutor(1) as thread:
        doing = thread.submit(keep_on)
        yield doing.done
        doing.result()


def rounds_until(ground: Ground, is_over: Callable[[], bool]) -> int:
    """Do rounds until the faults are over, and one more in peace."""
    number = 0
    while not is_over():
        number += 1
        ground.round(number)
    ground.round(number + 1)
    return number + 1


@pytest.mark.timeout(150)
def test_fifty_killed_workers_lose_nothing_and_repeat_nothing():
    with a_ground() as ground, workers(ground, 3) as alive:

        def replace_one() -> None:
            alive.kill_one()
            alive.start()

        with meanwhile(replace_one, 50, (0.05, 0.4)) as is_over:
            rounds = rounds_until(ground, is_over)
        ground.assert_each_checked(rounds)


@pytest.mark.timeout(150)
def test_ten_restarts_of_postgresql_under_load_lose_nothing_and_repeat_nothing():
    with a_ground() as ground, workers(ground, 2):

        def restart() -> None:
            ground.server.stop()
            ground.server.start()

        with meanwhile(restart, 10, (0.3, 1.0)) as is_over:
            rounds = rounds_until(ground, is_over)
        ground.assert_each_checked(rounds)


def test_a_worker_that_is_told_to_end_gives_back_what_it_has_not_finished():
    slow = {"script": [{"do": "slow", "delayMs": 15_000}]}
    leased = "SELECT count(*) FROM hub.integration_health WHERE lease IS NOT NULL AND lease_until > now()"
    with a_ground(slow) as ground, workers(ground, 1, lease_s=3600.0) as alive:
        ground.wait_for(leased, lambda count: count > 0)
        os.kill(alive.alive[0], signal.SIGTERM)
        ground.wait_for(leased, lambda count: count == 0)
        assert ground.rows("SELECT count(*) FROM hub.health_checks") == [(0,)]


def test_messages_that_come_twice_and_out_of_order_are_checked_once():
    with a_ground() as ground:
        store = PostgresSweep(ground.database.connections("hub_worker", 8))
        transport, loop = Transport(EgressPolicy(())), BackgroundLoop()
        host = InProcessHost(Plugins(), NoSecrets(), transport, loop, caps=Caps(50, 50, 50))
        worker = CheckWorker(store, host, Incidents(store, host), 50, lambda: datetime.now(UTC))
        sides = [CheckMessages(store, worker) for _ in range(4)]
        for number in range(1, 6):
            # Given every message of a sweep, thrice and shuffled
            ground.rows("UPDATE hub.integration_health SET next_check_at = now()")
            bodies = [body_of(claim) for claim in store.claim_due(1000, 30)] * 3
            assert len(bodies) == 3 * COUNT
            random.shuffle(bodies)
            # When four workers are given them, ten at a time
            batches = [
                {str(n): body for n, body in enumerate(bodies[at : at + 10])} for at in range(0, len(bodies), 10)
            ]
            with ThreadPoolExecutor(4) as threads:
                again = list(threads.map(lambda n, batch: sides[n % 4].run_connector(batch, 30.0), range(99), batches))
            # Then
            assert again == [[]] * len(batches)
            assert ground.rows("SELECT DISTINCT checks FROM hub.integration_health") == [(number,)]
        ground.assert_each_checked(5)
