-- Lease integrations that are due, soonest first, in every tenant. Called by hub_worker.
-- Caps: `outstanding` leases in all, `per_target` of one host and `per_tenant` of one tenant. Rows another claimer
-- holds are skipped. MATERIALIZED: as IN (SELECT … LIMIT n) one plan claimed far more than n.
CREATE OR REPLACE FUNCTION hub.claim_due(
    wanted integer, lease_s double precision, look_ahead_s double precision,
    outstanding integer, per_target integer, per_tenant integer
) RETURNS TABLE (
    integration_id uuid, tenant_id text, lease uuid, claimed_at timestamptz, type text, name text, config_json jsonb,
    auth_ref_uri text, target text, check_interval_seconds integer, failure_threshold integer,
    success_threshold integer, paused boolean, maintenance jsonb, status text, reason text, failures integer,
    successes integer, alert_open boolean, rests integer, checks bigint, last_checked_at timestamptz,
    next_check_at timestamptz, stale_at timestamptz, retry_after_until timestamptz, credential_ends_at timestamptz,
    certificate_ends_at timestamptz, credential_rotated_at timestamptz, secret_revision text, endings_told jsonb
) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH leased AS MATERIALIZED (
        SELECT l.target, l.tenant_id FROM hub.integration_health AS l
        WHERE l.lease IS NOT NULL AND l.lease_until > now()
    ), targets AS MATERIALIZED (
        SELECT t.target, count(*) AS held FROM leased AS t GROUP BY t.target
    ), tenants AS MATERIALIZED (
        SELECT t.tenant_id, count(*) AS held FROM leased AS t GROUP BY t.tenant_id
    ), room AS MATERIALIZED (
        SELECT least(wanted, greatest(outstanding - (SELECT count(*) FROM leased), 0)) AS rows
    ), soonest AS MATERIALIZED (
        SELECT d.integration_id, d.tenant_id, d.target, d.next_check_at FROM hub.integration_health AS d
        WHERE d.next_check_at <= now() + make_interval(secs => look_ahead_s)
            AND (d.lease IS NULL OR d.lease_until <= now())
            AND d.target NOT IN (SELECT t.target FROM targets AS t WHERE t.held >= per_target)
            AND d.tenant_id NOT IN (SELECT t.tenant_id FROM tenants AS t WHERE t.held >= per_tenant)
        ORDER BY d.next_check_at
        LIMIT (SELECT room.rows * 4 FROM room)
    ), crowds AS MATERIALIZED (
        SELECT c.target, c.tenant_id,
            count(*) OVER (PARTITION BY c.target) + coalesce(of_target.held, 0) > per_target AS of_target,
            count(*) OVER (PARTITION BY c.tenant_id) + coalesce(of_tenant.held, 0) > per_tenant AS of_tenant
        FROM soonest AS c
            LEFT JOIN targets AS of_target ON of_target.target = c.target
            LEFT JOIN tenants AS of_tenant ON of_tenant.tenant_id = c.tenant_id
    ), others AS MATERIALIZED ( -- who would wait for ever behind one host that has more due than it may be asked
        SELECT d.integration_id, d.tenant_id, d.target, d.next_check_at FROM hub.integration_health AS d
        WHERE EXISTS (SELECT 1 FROM crowds AS c WHERE c.of_target OR c.of_tenant)
            AND d.next_check_at <= now() + make_interval(secs => look_ahead_s)
            AND (d.lease IS NULL OR d.lease_until <= now())
            AND d.target NOT IN (SELECT t.target FROM targets AS t WHERE t.held >= per_target)
            AND d.tenant_id NOT IN (SELECT t.tenant_id FROM tenants AS t WHERE t.held >= per_tenant)
            AND d.target NOT IN (SELECT c.target FROM crowds AS c WHERE c.of_target)
            AND d.tenant_id NOT IN (SELECT c.tenant_id FROM crowds AS c WHERE c.of_tenant)
        ORDER BY d.next_check_at
        LIMIT (SELECT room.rows FROM room)
    ), due AS MATERIALIZED (
        SELECT s.* FROM soonest AS s UNION SELECT o.* FROM others AS o
    ), ranked AS MATERIALIZED (
        SELECT r.integration_id, r.next_check_at,
            row_number() OVER (PARTITION BY r.target ORDER BY r.next_check_at, r.integration_id)
                + coalesce(of_target.held, 0) AS of_target,
            row_number() OVER (PARTITION BY r.tenant_id ORDER BY r.next_check_at, r.integration_id)
                + coalesce(of_tenant.held, 0) AS of_tenant
        FROM due AS r
            LEFT JOIN targets AS of_target ON of_target.target = r.target
            LEFT JOIN tenants AS of_tenant ON of_tenant.tenant_id = r.tenant_id
    ), first AS MATERIALIZED (
        SELECT f.integration_id FROM ranked AS f
        WHERE f.of_target <= per_target AND f.of_tenant <= per_tenant
        ORDER BY f.next_check_at
        LIMIT (SELECT room.rows FROM room)
    ), chosen AS MATERIALIZED (
        SELECT c.integration_id FROM hub.integration_health AS c
        WHERE c.integration_id IN (SELECT first.integration_id FROM first)
            AND c.next_check_at IS NOT NULL AND (c.lease IS NULL OR c.lease_until <= now())
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE hub.integration_health AS h
        SET lease = gen_random_uuid(), claimed_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => lease_s)
        FROM chosen WHERE h.integration_id = chosen.integration_id
        RETURNING h.integration_id, h.tenant_id, h.lease, h.claimed_at, h.failures, h.successes, h.alert_open, h.rests,
            h.checks, h.last_checked_at, h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at,
            h.certificate_ends_at, h.secret_revision, h.endings_told -- by name: h.* would bind what later releases add
    )
    SELECT h.integration_id, h.tenant_id, h.lease, h.claimed_at, i.type, i.name, i.config_json, i.auth_ref_uri,
        i.target, i.check_interval_seconds, i.failure_threshold, i.success_threshold, i.paused, i.maintenance,
        i.status, i.reason, h.failures, h.successes, h.alert_open, h.rests, h.checks, h.last_checked_at,
        h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at, h.certificate_ends_at,
        i.credential_rotated_at, h.secret_revision, h.endings_told
    FROM claimed AS h JOIN hub.integrations AS i ON i.id = h.integration_id
    ORDER BY h.next_check_at;
END;
