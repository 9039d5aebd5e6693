"""Claims, results, and what is known of health."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select, text

from integrations_hub.storage.queries.binds import bind, limit, tenant
from integrations_hub.storage.tables import health_checks, integration_health, integrations, rests

__all__ = [
    "CLAIM_DUE",
    "CLAIM_LOOKS",
    "CLAIM_ONE",
    "CLOSE_INCIDENT",
    "FAILING_BY",
    "GIVE_BACK",
    "HISTORY",
    "LATEST",
    "NOTE_REST",
    "NOTE_RESTS",
    "OPEN_INCIDENT",
    "OPEN_INCIDENTS",
    "PURGE_RESTS",
    "RECORD_RESULT",
    "RECORD_RESULTS",
    "REST_OF",
    "TAKE_CLAIMS",
    "WAKE",
]

_i, _h, _c, _r = integrations.c, integration_health.c, health_checks.c, rests.c

CLAIM_DUE = text("SELECT * FROM hub.claim_due(:limit, :lease_s, :look_ahead_s, :outstanding, :per_target, :per_tenant)")
CLAIM_ONE = text("""\
UPDATE hub.integration_health AS h
SET lease = gen_random_uuid(), claimed_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => :lease_s)
FROM hub.integrations AS i
WHERE h.tenant_id = :tenant AND h.integration_id = :id AND i.id = h.integration_id AND i.deleted_at IS NULL
    AND (h.lease IS NULL OR h.lease_until <= now())
RETURNING h.integration_id, h.tenant_id, h.lease, h.claimed_at, i.type, i.name, i.config_json, i.auth_ref_uri,
    i.target, i.check_interval_seconds, i.failure_threshold, i.success_threshold, i.paused, i.maintenance, i.status,
    i.reason, h.failures, h.successes, h.alert_open, h.rests, h.checks, h.last_checked_at, h.next_check_at,
    h.stale_at, h.retry_after_until, h.credential_ends_at, h.certificate_ends_at, i.credential_rotated_at,
    h.secret_revision, h.endings_told""")
CLAIM_LOOKS = text("SELECT * FROM hub.claim_looks(:limit)")
WAKE = text("SELECT hub.wake(:ids, :cause, :after_s, :spread_s) AS count")
OPEN_INCIDENT = text("SELECT hub.open_incident(:cause, :event_id, :data) AS done")
CLOSE_INCIDENT = text("SELECT hub.close_incident(:cause, :event_id, :data) AS done")
OPEN_INCIDENTS = text("SELECT cause FROM hub.open_incidents() AS cause")
RECORD_RESULTS = text("SELECT w AS integration_id FROM hub.record_results(:payload) AS w")
RECORD_RESULT = text("SELECT w AS integration_id FROM hub.record_result(:payload) AS w")

TAKE_CLAIMS = text("SELECT * FROM hub.take_claims(:ids, :leases, :lease_s)")
FAILING_BY = text("SELECT hub.failing_by(:cause) AS count")
GIVE_BACK = text("SELECT hub.give_back(:ids, :leases) AS count")
NOTE_RESTS = text("SELECT hub.note_rests(:ids, :untils) AS count")
PURGE_RESTS = text("SELECT hub.purge_rests() AS count")
NOTE_REST = text("""\
WITH asked AS (
    SELECT i.tenant_id, i.target, coalesce(i.auth_ref_uri, '') AS auth_ref_uri
    FROM hub.integrations AS i WHERE i.tenant_id = :tenant AND i.id = :id
)
INSERT INTO hub.rests AS r (tenant_id, target, auth_ref_uri, until)
SELECT asked.tenant_id, asked.target, asked.auth_ref_uri, CAST(:until AS timestamptz) FROM asked
ON CONFLICT (tenant_id, target, auth_ref_uri) DO UPDATE SET until = greatest(r.until, excluded.until)""")
REST_OF = text("""\
SELECT r.until FROM hub.rests AS r
WHERE r.tenant_id = :tenant AND r.target = :target AND r.auth_ref_uri = :auth_ref_uri AND r.until > now()""")

LATEST = (
    select(
        *(column for column in integration_health.c if column.name != "retry_after_until"),
        func.greatest(_h.retry_after_until, _r.until).label("retry_after_until"),
        *(_i.status, _i.reason, _i.status_changed_at, _i.credential_rotated_at),
    )
    .join_from(integrations, integration_health, _h.integration_id == _i.id)
    .outerjoin(
        rests,
        and_(
            _r.tenant_id == _i.tenant_id,
            _r.target == _i.target,
            _r.auth_ref_uri == func.coalesce(_i.auth_ref_uri, text("''")),
        ),
    )
    .where(_i.tenant_id == tenant, _i.id == bind(_i.id), _i.deleted_at.is_(None))
)
HISTORY = (
    select(_c.checked_at, _c.status, _c.reason, _c.latency_ms, _c.error_message, _c.steps)
    .where(
        and_(_c.tenant_id == tenant, _c.integration_id == bind(_i.id)),
        or_(bind(_c.checked_at, "before").is_(None), _c.checked_at < bind(_c.checked_at, "before")),
    )
    .order_by(_c.checked_at.desc())
    .limit(limit)
)
