"""What is measured: the whole pipeline, a claim among few and many, and a day's load for a minute."""

from __future__ import annotations

import resource
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

from integrations_hub.health.model import Claim
from integrations_hub.plugins.slots import Caps
from integrations_hub.storage.sweep import PostgresSweep
from tests.benchmarks.sweep.ground import Ground, a_provider
from tests.benchmarks.sweep.sides import BLACKBOX, bare_loop, blackbox, probing
from tests.benchmarks.table import Row

__all__ = ["Sustained", "claims", "pipeline", "sustained"]

CHECKS, ROUNDS, CONNECTIONS, HOSTS = 3_000, 3, 50, 20
NO_CAPS = {"outstanding": 10_000_000, "per_target": 10_000_000, "per_tenant": 10_000_000}
LEASE_S = 60.0


def pipeline(ground: Ground) -> list[Row]:
    """Measure the three sides by turns: the same server, checks and connections, all cores to each."""
    with a_provider(HOSTS) as ports, blackbox() as prober:
        ground.fill(CHECKS, 30, ports)
        store = ground.store(per_target=CONNECTIONS, per_tenant=CONNECTIONS)
        worker = ground.worker(store, Caps(CONNECTIONS, 10, CONNECTIONS))
        ours, loop, others, cpu, loop_cpu, recorded = [], [], [], [], [], 0
        for _ in range(ROUNDS):
            ground.rows("UPDATE hub.integration_health SET next_check_at = now()")
            started, used = perf_counter(), _cpu_s()
            report = worker.run(lambda room: store.claim_due(room, LEASE_S), 600.0)
            ours.append(report.recorded / (perf_counter() - started))
            cpu.append((_cpu_s() - used) / report.recorded * 1000)
            recorded += report.recorded  # a few more than asked for: whose next beat is now
            used = _cpu_s()
            loop.append(bare_loop(ports, CHECKS, CONNECTIONS))
            loop_cpu.append((_cpu_s() - used) / CHECKS * 1000)
            if prober:
                others.append(probing(prober, ports, CHECKS, CONNECTIONS))
    ((rows,),) = ground.rows("SELECT count(*) FROM hub.health_checks WHERE status = 'healthy'")
    assert rows == recorded >= CHECKS * ROUNDS
    print(f"\n{rows} rows of healthy checks counted in PostgreSQL")
    print(f"CPU per check: {median(cpu):.2f} ms of the worker's, {median(loop_cpu):.2f} ms of the bare loop's")
    if not others:
        print(f"  {BLACKBOX} is not installed: apt install {BLACKBOX}")
    sides = [("the pipeline / a bare aiohttp loop", loop, ">= 0.6"), (f"the pipeline / {BLACKBOX}", others, ">= 1.0")]
    return [Row(name, median(ours), median(side), "chk/s", aim) for name, side, aim in sides if side]


def claims(ground: Ground) -> list[Row]:
    """Measure the claim of 1,000 due rows among 10,000 and among a million integrations."""
    times = {count: _claim_ms(ground, count) for count in (10_000, 1_000_000)}
    return [Row("claim 1,000 of a million / of 10,000", times[1_000_000], times[10_000], "ms", "<= 1.5")]


def _claim_ms(ground: Ground, count: int) -> float:
    ground.fill(count, 1000, range(1, 1001))
    ground.rows("""
        WITH due AS (SELECT integration_id FROM hub.integration_health ORDER BY integration_id LIMIT 1000)
        UPDATE hub.integration_health AS h SET next_check_at = now() + CASE
            WHEN h.integration_id IN (SELECT due.integration_id FROM due) THEN interval '-1 second'
            ELSE interval '1 day' END""")
    ground.rows("VACUUM ANALYZE hub.integration_health")
    ground.rows("CHECKPOINT")  # else the filling is still being written while the claims are timed
    store, times = ground.store(**NO_CAPS), []
    for _ in range(9):
        started = perf_counter()
        claimed = store.claim_due(1000, LEASE_S)
        times.append((perf_counter() - started) * 1000)
        assert len(claimed) == 1000, len(claimed)
        store.give_back(claimed)
    return median(times[2:])


@dataclass(frozen=True)
class Sustained:
    """A load held for a while: how late checks began, in seconds, and what the worker took for it."""

    integrations: int
    seconds: float
    wanted_per_s: float
    done_per_s: float
    lag_median_s: float
    lag_p95_s: float
    lag_max_s: float
    memory_mib: float
    cpu_ms_per_check: float
    database_cpu_ms_per_check: float

    def __str__(self) -> str:
        """Write it in three lines."""
        return (
            f"  {self.integrations:,} integrations in 1,000 tenants for {self.seconds:.0f} s:"
            f" {self.done_per_s:.0f} checks/s of the {self.wanted_per_s:.0f} that fell due\n"
            f"  lag {self.lag_median_s:.2f} s (median), {self.lag_p95_s:.2f} s (p95), {self.lag_max_s:.2f} s (most);"
            f" {self.memory_mib:.0f} MiB in the worker at most\n"
            f"  {self.cpu_ms_per_check:.2f} ms of the worker's CPU and {self.database_cpu_ms_per_check:.2f} ms of"
            " PostgreSQL's per check"
        )


def sustained(ground: Ground, seconds: float = 60.0) -> Sustained:
    """Sweep 100,000 integrations whose providers take 50 ms per request at the median, as they fall due."""
    integrations, room, lags = 100_000, 200, list[float]()
    with a_provider(HOSTS, 50.0) as ports:
        ground.fill(integrations, 1000, ports)
        store = ground.store(per_target=room, per_tenant=room)
        worker = ground.worker(store, Caps(room, room, room))
        threading.Thread(target=lambda: (sleep(seconds), worker.stopping.set()), daemon=True).start()
        started, used, backend = perf_counter(), _cpu_s(), _database_cpu_s(ground)
        recorded = 0
        while not worker.stopping.is_set():
            recorded += worker.run(lambda room: _timed(store, room, lags), 600.0).recorded
            sleep(0.02)
        took = perf_counter() - started
    ((rows,),) = ground.rows("SELECT count(*) FROM hub.health_checks WHERE status = 'healthy'")
    assert rows == recorded, (rows, recorded)
    cuts = quantiles(lags, n=20)
    return Sustained(
        integrations=integrations,
        seconds=took,
        wanted_per_s=integrations / 300,
        done_per_s=recorded / took,
        lag_median_s=cuts[9],
        lag_p95_s=cuts[18],
        lag_max_s=max(lags),
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        cpu_ms_per_check=(_cpu_s() - used) / recorded * 1000,
        database_cpu_ms_per_check=(_database_cpu_s(ground) - backend) / recorded * 1000,
    )


def _timed(store: PostgresSweep, room: int, lags: list[float]) -> list[Claim]:
    claimed, now = list(store.claim_due(room, LEASE_S)), datetime.now(UTC)
    lags += [(now - due).total_seconds() for one in claimed if (due := one.standing.next_check_at)]
    return claimed


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _database_cpu_s(ground: Ground) -> float:
    """Return the CPU the server's processes have used so far, those of connections still open included (Linux)."""
    ticks = 0
    for (pid,) in ground.rows("SELECT pid FROM pg_stat_activity"):
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100
