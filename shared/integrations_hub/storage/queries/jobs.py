"""The definer functions that work across tenants: delivery and upkeep."""

from __future__ import annotations

from sqlalchemy import text

__all__ = [
    "DROP_PARTITIONS",
    "ENSURE_PARTITIONS",
    "OUTBOX_CLAIM",
    "OUTBOX_SETTLE",
    "PURGE_DELETED",
    "PURGE_DELIVERED",
    "PURGE_IDEMPOTENCY_KEYS",
]

ENSURE_PARTITIONS = text("SELECT hub.ensure_partitions(:days) AS count")
DROP_PARTITIONS = text("SELECT hub.drop_partitions(:before) AS count")
PURGE_DELETED = text("SELECT hub.purge_deleted(:before, :limit) AS count")
PURGE_DELIVERED = text("SELECT hub.purge_delivered(:before, :limit) AS count")
PURGE_IDEMPOTENCY_KEYS = text("SELECT hub.purge_idempotency_keys(:before, :limit) AS count")
OUTBOX_CLAIM = text("SELECT * FROM hub.outbox_claim(:limit, :lease_s)")
OUTBOX_SETTLE = text("SELECT hub.outbox_settle(:leases, :outcome, :again_at, :error) AS count")
