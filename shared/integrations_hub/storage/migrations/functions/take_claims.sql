-- Begin the checks whose leases a message brought: each gets a lease of its own from now on, so that the same message,
-- delivered again, finds its own stale. A lease that is not the row's any more gives nothing. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.take_claims(ids uuid[], leases uuid[], lease_s double precision) RETURNS TABLE (
    integration_id uuid, tenant_id text, lease uuid, claimed_at timestamptz, type text, name text, config_json jsonb,
    auth_ref_uri text, target text, check_interval_seconds integer, failure_threshold integer,
    success_threshold integer, paused boolean, maintenance jsonb, status text, reason text, failures integer,
    successes integer, alert_open boolean, rests integer, checks bigint, last_checked_at timestamptz,
    next_check_at timestamptz, stale_at timestamptz, retry_after_until timestamptz, credential_ends_at timestamptz,
    certificate_ends_at timestamptz, credential_rotated_at timestamptz, secret_revision text, endings_told jsonb
) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT l.integration_id FROM unnest(ids, leases) AS message(id, lease)
            JOIN hub.integration_health AS l ON l.integration_id = message.id AND l.lease = message.lease
        ORDER BY l.integration_id
        FOR UPDATE OF l
    ), taken AS (
        UPDATE hub.integration_health AS h
        SET lease = gen_random_uuid(), claimed_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => lease_s)
        FROM held WHERE h.integration_id = held.integration_id
        RETURNING h.integration_id, h.tenant_id, h.lease, h.claimed_at, h.failures, h.successes, h.alert_open, h.rests,
            h.checks, h.last_checked_at, h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at,
            h.certificate_ends_at, h.secret_revision, h.endings_told
    )
    SELECT h.integration_id, h.tenant_id, h.lease, h.claimed_at, i.type, i.name, i.config_json, i.auth_ref_uri,
        i.target, i.check_interval_seconds, i.failure_threshold, i.success_threshold, i.paused, i.maintenance,
        i.status, i.reason, h.failures, h.successes, h.alert_open, h.rests, h.checks, h.last_checked_at,
        h.next_check_at, h.stale_at, h.retry_after_until, h.credential_ends_at, h.certificate_ends_at,
        i.credential_rotated_at, h.secret_revision, h.endings_told
    FROM taken AS h JOIN hub.integrations AS i ON i.id = h.integration_id;
END;
