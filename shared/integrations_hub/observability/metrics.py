"""The hub's metrics, each described once: name, unit, labels. Recorders, pages and dashboards read it here.

No label holds anything a caller can invent: types are installed connectors, actions and outcomes are ours, and tenants
are bounded (`labels`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from integrations_hub.observability.sinks import guarded, sinks

__all__ = [
    "ALERT_DELIVERIES",
    "CRUD",
    "CRUD_ACTIONS",
    "HEALTH_LATENCY",
    "HEALTH_STATUS",
    "INTEGRATION_COUNT",
    "METRICS",
    "QUEUE_DEPTH",
    "QUEUE_LAG",
    "Measured",
    "Metric",
    "count",
    "observe",
]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `unit` is UCUM's (`1`, `ms`, `s`); `buckets` are upper bounds, of a histogram's."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: Literal["1", "ms", "s"]
    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


HEALTH_STATUS = Metric(
    "integration_health_status",
    "gauge",
    "1",
    "The lowest of a type's integrations in a tenant: 1 healthy, 0.5 degraded, 0 unhealthy, -1 unknown",
    ("type", "tenant"),
)
INTEGRATION_COUNT = Metric("integration_count", "gauge", "1", "Registered integrations", ("type", "tenant", "status"))
HEALTH_LATENCY = Metric(
    "integration_health_latency_ms",
    "histogram",
    "ms",
    "How long checks took, all their steps together",
    buckets=(5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000),
)
CRUD = Metric("integration_crud_total", "counter", "1", "Calls of the catalogue that succeeded", ("action",))
CRUD_ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "create_integration": "create",
        "delete_integration": "delete",
        "get_integration": "read",
        "list_integrations": "list",
        "list_integrations_by_type": "list",
        "restore_integration": "restore",
        "update_integration": "update",
    }
)
"""Which function is which action."""

ALERT_DELIVERIES = Metric(
    "integration_alert_deliveries_total", "counter", "1", "Attempts to deliver alerts and recoveries", ("outcome",)
)
QUEUE_DEPTH = Metric("integration_queue_depth", "gauge", "1", "Checks and deliveries that are due", ("queue",))
QUEUE_LAG = Metric(
    "integration_queue_lag_seconds", "gauge", "s", "How long the one that waits longest is overdue", ("queue",)
)

METRICS = (HEALTH_STATUS, INTEGRATION_COUNT, HEALTH_LATENCY, CRUD, ALERT_DELIVERIES, QUEUE_DEPTH, QUEUE_LAG)


@dataclass(frozen=True, slots=True)
class Measured:
    """A gauge's value; labels in the order of the metric's names."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


def count(metric: Metric, *labels: str) -> None:
    """Count one more."""
    for recorder in sinks().recorders:
        guarded(recorder.count, metric, labels, 1)


def observe(metric: Metric, value: float) -> None:
    """Add a value to a histogram."""
    for recorder in sinks().recorders:
        guarded(recorder.observe, metric, value)
