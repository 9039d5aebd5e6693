"""The tenants' labels are bounded, however many tenants there are."""

from __future__ import annotations

import pytest

from integrations_hub.observability.labels import Counted, Queue, TenantLabel, gauges
from integrations_hub.observability.metrics import HEALTH_STATUS, INTEGRATION_COUNT, QUEUE_DEPTH, QUEUE_LAG

MANY = [Counted("harbor", f"tenant-{n:04}", "healthy", n + 1) for n in range(1000)]


def labels(measured) -> set[str]:
    return {one.labels[1] for one in measured if one.metric is HEALTH_STATUS}


def values(measured, metric) -> dict[tuple[str, ...], float]:
    return {one.labels: one.value for one in measured if one.metric is metric}


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["healthy"], 1.0),
        (["healthy", "degraded"], 0.5),
        (["healthy", "degraded", "unhealthy"], 0.0),
        (["healthy", "degraded", "unhealthy", "unknown"], -1.0),
    ],
)
def test_the_status_of_a_pair_is_its_lowest(statuses: list[str], worst: float) -> None:
    measured = gauges([Counted("harbor", "acme", status, 2) for status in statuses], [], TenantLabel())
    assert values(measured, HEALTH_STATUS) == {("harbor", "acme"): worst}
    counts = values(measured, INTEGRATION_COUNT)
    assert {labels[2]: count for labels, count in counts.items()} == {
        status: 2 if status in statuses else 0 for status in ("healthy", "degraded", "unhealthy", "unknown")
    }


def test_the_largest_tenants_have_a_label_and_the_others_share_one() -> None:
    measured = gauges(MANY, [], TenantLabel("plain", 10))
    assert labels(measured) == {"*"} | {f"tenant-{n:04}" for n in range(990, 1000)}
    counts = values(measured, INTEGRATION_COUNT)
    assert sum(counts.values()) == sum(one.count for one in MANY)
    assert len(measured) == 11 * 5


def test_a_hash_names_no_tenant_and_stays_the_same() -> None:
    first, again = (labels(gauges(MANY, [], TenantLabel("hashed", 1000))) for _ in range(2))
    assert first == again
    assert len(first) == 1000
    assert not any("tenant" in label for label in first)


def test_without_the_label_all_tenants_are_one_series_and_the_label_stays() -> None:
    measured = gauges([*MANY, Counted("harbor", "acme", "unhealthy", 1)], [], TenantLabel("off"))
    assert values(measured, HEALTH_STATUS) == {("harbor", "*"): 0.0}


def test_where_no_tenant_has_a_label_all_share_one() -> None:
    measured = gauges([Counted("harbor", "acme", "healthy", 1)], [], TenantLabel("plain", 0))
    assert labels(measured) == {"*"}


def test_queues_are_told_by_depth_and_lag() -> None:
    measured = gauges([], [Queue("checks", 3, 1.5)], TenantLabel())
    assert values(measured, QUEUE_DEPTH) == {("checks",): 3}
    assert values(measured, QUEUE_LAG) == {("checks",): 1.5}
