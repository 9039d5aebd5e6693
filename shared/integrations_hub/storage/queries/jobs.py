"""The definer functions that work across tenants: delivery, upkeep, counting."""

from __future__ import annotations

from sqlalchemy import text

__all__ = [
    "CHAIN_HEADS",
    "CLAIM_DELIVERIES",
    "DEAD_LETTERS",
    "DROP_HOUR_PARTITIONS",
    "DROP_PARTITIONS",
    "ENSURE_HOUR_PARTITIONS",
    "ENSURE_PARTITIONS",
    "INTEGRATION_COUNTS",
    "PURGE_DEAD_LETTERS",
    "PURGE_DELETED",
    "PURGE_DELIVERED",
    "PURGE_IDEMPOTENCY_KEYS",
    "PURGE_WEBHOOK_DELIVERIES",
    "REPLAY_DEAD_LETTERS",
    "ROLL_UP_CHECKS",
    "ROUTE_EVENTS",
    "SETTLE_DELIVERIES",
    "WAITING_CHECKS",
    "WAITING_DELIVERIES",
]

ENSURE_PARTITIONS = text("SELECT hub.ensure_partitions(:days) AS count")
DROP_PARTITIONS = text("SELECT hub.drop_partitions(:before) AS count")
ENSURE_HOUR_PARTITIONS = text("SELECT hub.ensure_hour_partitions(:months) AS count")
DROP_HOUR_PARTITIONS = text("SELECT hub.drop_hour_partitions(:before) AS count")
ROLL_UP_CHECKS = text("SELECT hours, more FROM hub.roll_up_checks(:limit)")
CHAIN_HEADS = text("SELECT tenant_id, seq, hash FROM hub.chain_heads(:after, :limit)")
PURGE_DELETED = text("SELECT hub.purge_deleted(:before, :limit) AS count")
PURGE_DELIVERED = text("SELECT hub.purge_delivered(:before, :limit) AS count")
PURGE_DEAD_LETTERS = text("SELECT hub.purge_dead_letters(:before, :limit) AS count")
PURGE_IDEMPOTENCY_KEYS = text("SELECT hub.purge_idempotency_keys(:before, :limit) AS count")
PURGE_WEBHOOK_DELIVERIES = text("SELECT hub.purge_webhook_deliveries(:before, :limit) AS count")
ROUTE_EVENTS = text("SELECT hub.route_events(:channels, :limit) AS count")
CLAIM_DELIVERIES = text("SELECT * FROM hub.claim_deliveries(:limit, :lease_s, :avoid)")
SETTLE_DELIVERIES = text("SELECT hub.settle_deliveries(:leases, :outcome, :again_at, :error) AS count")
DEAD_LETTERS = text("SELECT * FROM hub.dead_letters(:after_at, :after_id, :limit)")
REPLAY_DEAD_LETTERS = text("SELECT hub.replay_dead_letters(:ids, :destination) AS count")
INTEGRATION_COUNTS = text("SELECT * FROM hub.count_integrations()")
WAITING_CHECKS = text("SELECT * FROM hub.waiting_checks()")
WAITING_DELIVERIES = text("SELECT * FROM hub.waiting_deliveries()")
