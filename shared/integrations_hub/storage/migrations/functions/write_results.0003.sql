-- Write results of checks, each in place of its lease. Called by record_results and record_result alone.
-- The tenant comes from the row; a lease that is not the row's any more writes nothing. Rows are locked in the order
-- of their ids, health before integrations, as every other writer does. `integrations` is written on a change only.
CREATE OR REPLACE FUNCTION hub.write_results(payload jsonb, every_tenant boolean, only_tenant text)
RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH results AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(payload) AS r(
            integration_id uuid, lease uuid, checked_at timestamptz, latency_ms double precision, check_status text,
            check_reason text, error_message text, steps jsonb, keep_steps boolean, in_maintenance boolean,
            status text, reason text, failures integer, successes integer, alert_open boolean, rests integer,
            checks bigint, next_check_at timestamptz, stale_at timestamptz, retry_after_until timestamptz,
            credential_ends_at timestamptz, certificate_ends_at timestamptz, credential_rotated_at timestamptz,
            secret_revision text, look_at timestamptz, endings_told jsonb, cause text, events jsonb)
    ), held AS MATERIALIZED (
        SELECT h.integration_id, h.tenant_id, h.claimed_at, h.event_seq
        FROM hub.integration_health AS h JOIN results AS r ON r.integration_id = h.integration_id
        WHERE h.lease = r.lease AND (every_tenant OR h.tenant_id = only_tenant)
        ORDER BY h.integration_id
        FOR UPDATE OF h
    ), health AS (
        UPDATE hub.integration_health AS h
        SET lease = NULL, claimed_at = NULL, lease_until = NULL, failures = r.failures, successes = r.successes,
            rests = r.rests, checks = r.checks, alert_open = r.alert_open, last_checked_at = r.checked_at,
            next_check_at = r.next_check_at, stale_at = r.stale_at, retry_after_until = r.retry_after_until,
            credential_ends_at = r.credential_ends_at, certificate_ends_at = r.certificate_ends_at,
            secret_revision = r.secret_revision, look_at = r.look_at,
            endings_told = coalesce(r.endings_told, '{}'), cause = r.cause, last_status = r.check_status, last_reason = r.check_reason,
            last_latency_ms = r.latency_ms, last_error = r.error_message, last_steps = r.steps,
            event_seq = h.event_seq + jsonb_array_length(r.events)
        FROM held, results AS r
        WHERE h.integration_id = held.integration_id AND r.integration_id = held.integration_id
    ), moved AS (
        UPDATE hub.integrations AS i
        SET status = r.status, reason = r.reason, credential_rotated_at = r.credential_rotated_at,
            status_changed_at = CASE WHEN i.status = r.status THEN i.status_changed_at ELSE r.checked_at END
        FROM held, results AS r
        WHERE i.id = held.integration_id AND r.integration_id = held.integration_id
            AND (i.status <> r.status OR i.reason IS DISTINCT FROM r.reason
                OR i.credential_rotated_at IS DISTINCT FROM r.credential_rotated_at)
    ), history AS (
        INSERT INTO hub.health_checks (integration_id, checked_at, tenant_id, claimed_at, status, reason, latency_ms,
            error_message, steps, in_maintenance)
        SELECT held.integration_id, r.checked_at, held.tenant_id, held.claimed_at, r.check_status, r.check_reason,
            r.latency_ms, r.error_message, CASE WHEN r.keep_steps THEN r.steps END, r.in_maintenance
        FROM held JOIN results AS r ON r.integration_id = held.integration_id
        ON CONFLICT DO NOTHING
    ), told AS (
        INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)
        SELECT (e.event ->> 'id')::uuid, held.tenant_id, held.integration_id, held.event_seq + e.nth,
            e.event ->> 'type', e.event ->> 'severity', e.event -> 'data'
        FROM held JOIN results AS r ON r.integration_id = held.integration_id
            CROSS JOIN LATERAL jsonb_array_elements(r.events) WITH ORDINALITY AS e(event, nth)
    )
    SELECT held.integration_id FROM held;
END;
