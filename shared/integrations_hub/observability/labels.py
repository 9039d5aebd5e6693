"""Gauges from what the database counts, the tenants' labels bounded: a thousand tenants cost no thousand series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

from integrations_hub.observability.metrics import HEALTH_STATUS, INTEGRATION_COUNT, QUEUE_DEPTH, QUEUE_LAG, Measured

__all__ = ["EVERYBODY", "Counted", "Queue", "TenantLabel", "gauges"]

EVERYBODY = "*"  # outside the grammar of tenants
_HASH_DIGITS = 16
_VALUES: Mapping[str, float] = MappingProxyType({"healthy": 1.0, "degraded": 0.5, "unhealthy": 0.0, "unknown": -1.0})


@dataclass(frozen=True, slots=True)
class Counted:
    """How many integrations of a type and tenant have a status."""

    type: str
    tenant: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How much is due, and for how many seconds the oldest of it is."""

    name: str
    depth: int
    lag_s: float


@dataclass(frozen=True, slots=True)
class TenantLabel:
    """How tenants are named: as they are, by a hash, or all together; beyond `most` the smallest go together."""

    how: Literal["plain", "hashed", "off"] = "plain"
    most: int = 200

    def names(self, counted: Iterable[Counted]) -> Mapping[str, str]:
        """Return the label of each tenant that has one of its own; all others are `*`."""
        if self.how == "off":
            return {}
        sizes: Counter[str] = Counter()
        for one in counted:
            sizes[one.tenant] += one.count
        named = sorted(sizes, key=lambda tenant: (-sizes[tenant], tenant))[: self.most]
        return {tenant: tenant if self.how == "plain" else _hashed(tenant) for tenant in named}


def gauges(counted: Sequence[Counted], queues: Iterable[Queue], label: TenantLabel) -> Sequence[Measured]:
    """Return all gauges, in place of all earlier ones: a tenant that is gone has none."""
    return [*_integrations(counted, label), *_queues(queues)]


def _integrations(counted: Sequence[Counted], label: TenantLabel) -> Iterator[Measured]:
    names, totals = label.names(counted), Counter[tuple[str, str, str]]()
    worst: dict[tuple[str, str], float] = {}
    for one in counted:
        tenant = names.get(one.tenant, EVERYBODY)
        totals[one.type, tenant, one.status] += one.count
        value = _VALUES[one.status]
        worst[one.type, tenant] = min(worst.get((one.type, tenant), value), value)
    for pair, value in sorted(worst.items()):
        yield Measured(HEALTH_STATUS, pair, value)
        for status in _VALUES:  # with the zeros: an alarm on a count must see it go
            yield Measured(INTEGRATION_COUNT, (*pair, status), totals[*pair, status])


def _queues(queues: Iterable[Queue]) -> Iterator[Measured]:
    for one in queues:
        yield Measured(QUEUE_DEPTH, (one.name,), one.depth)
        yield Measured(QUEUE_LAG, (one.name,), one.lag_s)


def _hashed(tenant: str) -> str:
    return sha256(tenant.encode()).hexdigest()[:_HASH_DIGITS]
