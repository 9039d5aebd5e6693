"""Claims, results, and what is known of health."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, text

from integrations_hub.storage.queries.binds import bind, limit, tenant
from integrations_hub.storage.tables import health_checks, integration_health, integrations

__all__ = ["CLAIM_DUE", "CLAIM_ONE", "HISTORY", "LATEST", "RECORD_RESULT", "RECORD_RESULTS", "WINDOWS"]

_i, _h, _c = integrations.c, integration_health.c, health_checks.c

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
    h.stale_at, h.retry_after_until, h.credential_ends_at""")
RECORD_RESULTS = text("SELECT w AS integration_id FROM hub.record_results(:payload) AS w")
RECORD_RESULT = text("SELECT w AS integration_id FROM hub.record_result(:payload) AS w")

LATEST = (
    select(*integration_health.c, _i.status, _i.reason, _i.status_changed_at)
    .join_from(integrations, integration_health, _h.integration_id == _i.id)
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
# A check without a verdict (unknown) counts as a check and for nothing else. An outage lasts from its first failing
# check, or the first of the window, to the next that works; one still open has no repair time yet.
WINDOWS = text("""\
SELECT span.hours, count(c.checked_at) AS checks,
    (100.0 * count(*) FILTER (WHERE c.works) / nullif(count(c.works), 0))::double precision AS uptime_percent,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.latency_ms) FILTER (WHERE c.works IS NOT NULL) AS latency_p50_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY c.latency_ms) FILTER (WHERE c.works IS NOT NULL) AS latency_p95_ms,
    avg(extract(epoch FROM c.checked_at - c.down_since)) FILTER (WHERE c.works AND NOT c.worked_before)::double
        precision AS mttr_seconds,
    count(*) FILTER (WHERE c.works <> c.worked_before) AS transitions
FROM unnest(CAST(:hours AS integer[])) WITH ORDINALITY AS span(hours, nth)
LEFT JOIN LATERAL (
    SELECT t.*, max(t.checked_at) FILTER (WHERE NOT t.works AND t.worked_before IS NOT false) OVER ordered AS down_since
    FROM (
        SELECT v.checked_at, v.latency_ms, v.works, lag(v.works) OVER (
            PARTITION BY v.works IS NULL ORDER BY v.checked_at) AS worked_before
        FROM (
            SELECT s.checked_at, s.latency_ms,
                CASE s.status WHEN 'unhealthy' THEN false WHEN 'unknown' THEN NULL ELSE true END AS works
            FROM hub.health_checks AS s
            WHERE s.tenant_id = :tenant AND s.integration_id = :id AND NOT s.in_maintenance
                AND s.checked_at >= now() - make_interval(hours => span.hours)
        ) AS v
    ) AS t
    WINDOW ordered AS (PARTITION BY t.works IS NULL ORDER BY t.checked_at)
) AS c ON true
GROUP BY span.nth, span.hours ORDER BY span.nth""")
