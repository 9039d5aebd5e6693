"""The tables as SQLAlchemy Core sees them: what statements are built from. A test compares them with the migrations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = [
    "allowances",
    "audit_heads",
    "audit_logs",
    "consumers",
    "deliveries",
    "health_checks",
    "health_hours",
    "idempotency_keys",
    "incidents",
    "integration_health",
    "integrations",
    "late_checks",
    "metadata",
    "outbox",
    "plugin_metadata",
    "rests",
    "roll_up",
    "tenant_settings",
    "webhook_deliveries",
    "webhooks",
]

metadata = MetaData(schema="hub")
_Instant = DateTime(timezone=True)

integrations = Table(
    "integrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("config_json", JSONB, nullable=False),
    Column("auth_ref_uri", Text),
    Column("tags", ARRAY(Text), nullable=False),
    Column("target", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("maintenance", JSONB, nullable=False),
    Column("check_interval_seconds", Integer, nullable=False),
    Column("failure_threshold", Integer, nullable=False),
    Column("success_threshold", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("status_changed_at", _Instant),
    Column("credential_rotated_at", _Instant),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _Instant, nullable=False),
    Column("updated_at", _Instant, nullable=False),
    Column("deleted_at", _Instant),
)

integration_health = Table(
    "integration_health",
    metadata,
    Column("integration_id", Uuid, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("next_check_at", _Instant),
    Column("lease", Uuid),
    Column("claimed_at", _Instant),
    Column("lease_until", _Instant),
    Column("failures", Integer, nullable=False),
    Column("successes", Integer, nullable=False),
    Column("rests", Integer, nullable=False),
    Column("checks", BigInteger, nullable=False),
    Column("alert_open", Boolean, nullable=False),
    Column("last_checked_at", _Instant),
    Column("stale_at", _Instant),
    Column("retry_after_until", _Instant),
    Column("credential_ends_at", _Instant),
    Column("last_status", Text),
    Column("last_reason", Text),
    Column("last_latency_ms", Double),
    Column("last_error", Text),
    Column("last_steps", JSONB, nullable=False),
    Column("event_seq", BigInteger, nullable=False),
    Column("certificate_ends_at", _Instant),
    Column("secret_revision", Text),
    Column("look_at", _Instant),
    Column("endings_told", JSONB, nullable=False),
    Column("cause", Text),
)

health_checks = Table(
    "health_checks",
    metadata,
    Column("integration_id", Uuid, primary_key=True),
    Column("checked_at", _Instant, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("claimed_at", _Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("latency_ms", Double, nullable=False),
    Column("error_message", Text),
    Column("steps", JSONB),
    Column("in_maintenance", Boolean, nullable=False),
)

health_hours = Table(
    "health_hours",
    metadata,
    Column("integration_id", Uuid, primary_key=True),
    Column("hour", _Instant, primary_key=True),
    Column("first_at", _Instant),
    Column("up_at", _Instant),
    Column("down_since", _Instant),
    Column("repair_seconds", Double, nullable=False),
    Column("repairs", SmallInteger, nullable=False),
    Column("transitions", SmallInteger, nullable=False),
    Column("healthy", SmallInteger, nullable=False),
    Column("degraded", SmallInteger, nullable=False),
    Column("unhealthy", SmallInteger, nullable=False),
    Column("unknown", SmallInteger, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("latency_buckets", ARRAY(SmallInteger), nullable=False),
    Column("latency_counts", ARRAY(SmallInteger), nullable=False),
)

roll_up = Table(
    "roll_up",
    metadata,
    Column("one", Boolean, primary_key=True),
    Column("hour", _Instant, nullable=False),
    Column("after", Uuid, nullable=False),
)

late_checks = Table(
    "late_checks",
    metadata,
    Column("integration_id", Uuid, primary_key=True),
    Column("checked_at", _Instant, primary_key=True),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_logs = Table(
    "audit_logs",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("timestamp", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("integration_id", Uuid),
    Column("details", Text, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("integration_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("created_at", _Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", _Instant, nullable=False),
    Column("lease", Uuid),
    Column("lease_until", _Instant),
    Column("delivered_at", _Instant),
    Column("dead_at", _Instant),
    Column("last_error", Text),
    Column("routed_at", _Instant),
    Column("traceparent", Text),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("destination", Text, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("integration_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", _Instant, nullable=False),
    Column("lease", Uuid),
    Column("lease_until", _Instant),
    Column("delivered_at", _Instant),
    Column("dead_at", _Instant),
    Column("last_error", Text),
)

tenant_settings = Table(
    "tenant_settings",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("require_test_receipt", Boolean, nullable=False),
    Column("alert_routes", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", _Instant),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("answer", JSONB),
    Column("created_at", _Instant, nullable=False),
)

consumers = Table(
    "consumers",
    metadata,
    Column("integration_id", Uuid, primary_key=True),
    Column("consumer", Text, primary_key=True),
    Column("tenant_id", Text, primary_key=True),
    Column("last_seen_at", _Instant, nullable=False),
)

allowances = Table(
    "allowances",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("allowance", Text, primary_key=True),
    Column("window_starts_at", _Instant, nullable=False),
    Column("spent", Integer, nullable=False),
)

plugin_metadata = Table(
    "plugin_metadata",
    metadata,
    Column("plugin_id", Text, primary_key=True),
    Column("path", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("type", Text),
    Column("category", Text),
    Column("version", Text),
    Column("capabilities", ARRAY(Text), nullable=False),
    Column("credential", Text, nullable=False),
    Column("config_schema", JSONB, nullable=False),
    Column("trust", Text, nullable=False),
    Column("sha256", Text),
    Column("rejected_reason", Text),
    Column("changed_at", _Instant, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("integration_id", Uuid, primary_key=True),
    Column("secret_ref", Text),
    Column("pending_ref", Text),
    Column("previous_ref", Text),
    Column("replaced_at", _Instant),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("integration_id", Uuid, primary_key=True),
    Column("delivery", LargeBinary, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("resource", Text),
    Column("received_at", _Instant, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("opened_at", _Instant, nullable=False),
    Column("closed_at", _Instant),
)

rests = Table(
    "rests",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("auth_ref_uri", Text, primary_key=True),
    Column("until", _Instant, nullable=False),
)
