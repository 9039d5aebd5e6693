-- Lease integrations that are due, soonest first, in every tenant. Called by hub_worker.
-- Caps: `outstanding` leases in all, `per_target` of one host and `per_tenant` of one tenant, each of checks that are due.
-- One that is leased ahead of its time asks nobody yet and counts from then on: its host and tenant are spared by the
-- spread of due times, and a queue that looks a minute ahead is not held to a cap a minute. Rows another claimer
-- holds are skipped; so is one whose result came in since it was found due, as its row is when it is locked. One whose
-- host asked to be left alone with its credential is not leased: it rests until then, a few seconds apart from the
-- others, and keeps its status meanwhile where that was still believed. MATERIALIZED: as IN (SELECT … LIMIT n) one plan
-- claimed far more than n.
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
        WHERE l.lease IS NOT NULL AND l.lease_until > now() AND l.next_check_at <= now()
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
    ), placed AS MATERIALIZED (
        SELECT s.target, s.tenant_id, s.next_check_at <= now() AS is_due, coalesce(held.held, 0)
            + row_number() OVER (PARTITION BY s.target ORDER BY s.next_check_at, s.integration_id) <= per_target AS fits
        FROM soonest AS s LEFT JOIN targets AS held ON held.target = s.target
    ), crowds AS MATERIALIZED (
        SELECT p.target, p.tenant_id, p.is_due AND NOT p.fits AS of_target,
            count(*) FILTER (WHERE p.is_due AND p.fits) OVER (PARTITION BY p.tenant_id)
                + coalesce(held.held, 0) > per_tenant AS of_tenant
        FROM placed AS p LEFT JOIN tenants AS held ON held.tenant_id = p.tenant_id
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
    ), fitting AS MATERIALIZED ( -- what its host's cap keeps out takes no place of its tenant's
        SELECT r.integration_id, r.tenant_id, r.next_check_at, coalesce(held.held, 0)
            + row_number() OVER (PARTITION BY r.target ORDER BY r.next_check_at, r.integration_id) AS of_target
        FROM due AS r LEFT JOIN targets AS held ON held.target = r.target
    ), ranked AS MATERIALIZED (
        SELECT r.integration_id, r.next_check_at, coalesce(held.held, 0)
            + row_number() OVER (PARTITION BY r.tenant_id ORDER BY r.next_check_at, r.integration_id) AS of_tenant
        FROM fitting AS r LEFT JOIN tenants AS held ON held.tenant_id = r.tenant_id
        WHERE r.next_check_at > now() OR r.of_target <= per_target
    ), first AS MATERIALIZED (
        SELECT f.integration_id FROM ranked AS f
        WHERE f.next_check_at > now() OR f.of_tenant <= per_tenant
        ORDER BY f.next_check_at
        LIMIT (SELECT room.rows FROM room)
    ), chosen AS MATERIALIZED ( -- = ANY (ARRAY(…)) goes by the index; a join may read the whole table
        SELECT c.integration_id, c.tenant_id, c.target FROM hub.integration_health AS c
        WHERE c.integration_id = ANY (ARRAY(SELECT first.integration_id FROM first))
            AND c.next_check_at <= now() + make_interval(secs => look_ahead_s)
            AND (c.lease IS NULL OR c.lease_until <= now())
        FOR UPDATE SKIP LOCKED
    ), wishes AS MATERIALIZED (
        SELECT c.integration_id, wish.until, wish.beat, make_interval(
            secs => (hashtextextended(c.integration_id::text, 0) & 1023) / 100.0) AS gap
        FROM chosen AS c CROSS JOIN LATERAL (
            SELECT rest.until, make_interval(secs => i.check_interval_seconds) AS beat
            FROM hub.integrations AS i JOIN hub.rests AS rest ON rest.tenant_id = c.tenant_id
                AND rest.target = c.target AND rest.auth_ref_uri = coalesce(i.auth_ref_uri, '')
            WHERE i.id = c.integration_id AND rest.until > now() OFFSET 0
        ) AS wish
        WHERE EXISTS (SELECT 1 FROM hub.rests AS r WHERE r.until > now())
    ), resting AS (
        UPDATE hub.integration_health AS h
        SET next_check_at = w.until + w.gap, retry_after_until = w.until,
            stale_at = CASE WHEN h.stale_at < now() THEN h.stale_at
                ELSE greatest(h.stale_at, w.until + w.gap + w.beat) END
        FROM wishes AS w
        WHERE h.integration_id = w.integration_id
            AND h.integration_id = ANY (ARRAY(SELECT every.integration_id FROM wishes AS every))
    ), claimed AS (
        UPDATE hub.integration_health AS h
        SET lease = gen_random_uuid(), claimed_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => lease_s)
        WHERE h.integration_id = ANY (ARRAY(
            SELECT c.integration_id FROM chosen AS c EXCEPT SELECT w.integration_id FROM wishes AS w))
        RETURNING h.integration_id, h.tenant_id, h.lease, h.claimed_at, h.failures, h.successes, h.alert_open, h.rests,
            h.checks, h.last_checked_at, h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at,
            h.certificate_ends_at, h.secret_revision, h.endings_told -- by name: h.* would bind what later releases add
    )
    SELECT h.integration_id, h.tenant_id, h.lease, h.claimed_at, i.type, i.name, i.config_json, i.auth_ref_uri,
        i.target, i.check_interval_seconds, i.failure_threshold, i.success_threshold, i.paused, i.maintenance,
        i.status, i.reason, h.failures, h.successes, h.alert_open, h.rests, h.checks, h.last_checked_at,
        h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at, h.certificate_ends_at,
        i.credential_rotated_at, h.secret_revision, h.endings_told
    FROM claimed AS h CROSS JOIN LATERAL (
        SELECT o.type, o.name, o.config_json, o.auth_ref_uri, o.target, o.check_interval_seconds, o.failure_threshold,
            o.success_threshold, o.paused, o.maintenance, o.status, o.reason, o.credential_rotated_at
        FROM hub.integrations AS o WHERE o.id = h.integration_id OFFSET 0
    ) AS i
    ORDER BY h.next_check_at;
END;
