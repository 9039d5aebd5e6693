-- Write results of checks, each in place of its lease. Called by record_results and record_result alone.
-- The tenant comes from the row; a lease that is not the row's any more writes nothing. Rows are locked in the order
-- of their ids, health before integrations, as every other writer does. `integrations` is written on a change only.
-- Of the integrations of a tenant that fail by one host, or by secrets one backend does not give them, the first one's
-- alert stands for all: the others' alerts stay shut, and their change is told as news. Each asks again with its next
-- failure, so that the cause never falls silent when that first one recovers, is paused or deleted. Who opens alerts of
-- one cause does so in turn.
CREATE OR REPLACE FUNCTION hub.write_results(payload jsonb, every_tenant boolean, only_tenant text)
RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock(hashtextextended(alerting.tenant_id || ' ' || alerting.cause, 0))
    FROM (
        SELECT DISTINCT h.tenant_id, r.cause
        FROM jsonb_to_recordset(payload) AS r(integration_id uuid, cause text, events jsonb)
            JOIN hub.integration_health AS h ON h.integration_id = r.integration_id
        WHERE r.cause LIKE ANY (ARRAY['host:%', 'secret:%']) AND r.events @> '[{"type": "integration.health_changed", "severity": "alert"}]'
        ORDER BY h.tenant_id, r.cause
    ) AS alerting;

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
    ), failed AS MATERIALIZED (
        SELECT held.integration_id, held.tenant_id, r.cause, r.checked_at,
            r.events @> '[{"type": "integration.health_changed", "severity": "alert"}]' AS alerts
        FROM held JOIN results AS r ON r.integration_id = held.integration_id
        WHERE r.cause LIKE ANY (ARRAY['host:%', 'secret:%']) AND r.alert_open
    ), grouped AS MATERIALIZED (
        SELECT f.integration_id FROM failed AS f
        WHERE f.alerts AND (
            EXISTS (
                SELECT 1 FROM failed AS o
                WHERE o.tenant_id = f.tenant_id AND o.cause = f.cause
                    AND o.integration_id <> f.integration_id AND (o.integration_id < f.integration_id OR NOT o.alerts))
            OR EXISTS (
                SELECT 1 FROM hub.integration_health AS o
                WHERE o.tenant_id = f.tenant_id AND o.cause = f.cause AND o.alert_open AND o.stale_at >= f.checked_at
                    AND NOT EXISTS (SELECT 1 FROM held WHERE held.integration_id = o.integration_id)))
    ), health AS (
        UPDATE hub.integration_health AS h
        SET lease = NULL, claimed_at = NULL, lease_until = NULL, failures = r.failures, successes = r.successes,
            rests = r.rests, checks = r.checks, alert_open = r.alert_open AND g.integration_id IS NULL, last_checked_at = r.checked_at,
            next_check_at = r.next_check_at, stale_at = r.stale_at, retry_after_until = r.retry_after_until,
            credential_ends_at = r.credential_ends_at, certificate_ends_at = r.certificate_ends_at,
            secret_revision = r.secret_revision, look_at = r.look_at,
            endings_told = coalesce(r.endings_told, '{}'), cause = r.cause, last_status = r.check_status, last_reason = r.check_reason,
            last_latency_ms = r.latency_ms, last_error = r.error_message, last_steps = r.steps,
            event_seq = h.event_seq + jsonb_array_length(r.events)
        FROM held JOIN results AS r ON r.integration_id = held.integration_id
            LEFT JOIN grouped AS g ON g.integration_id = held.integration_id
        WHERE h.integration_id = held.integration_id
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
        INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data, traceparent)
        SELECT (e.event ->> 'id')::uuid, held.tenant_id, held.integration_id, held.event_seq + e.nth,
            e.event ->> 'type', CASE WHEN stands_aside THEN 'info' ELSE e.event ->> 'severity' END, e.event -> 'data',
            e.event ->> 'traceparent'
        FROM held JOIN results AS r ON r.integration_id = held.integration_id
            LEFT JOIN grouped AS g ON g.integration_id = held.integration_id
            CROSS JOIN LATERAL jsonb_array_elements(r.events) WITH ORDINALITY AS e(event, nth)
            CROSS JOIN LATERAL (SELECT g.integration_id IS NOT NULL AND e.event ->> 'type' = 'integration.health_changed')
                AS one(stands_aside)
        WHERE NOT stands_aside OR e.event #>> '{data,from}' <> e.event #>> '{data,to}'
    )
    SELECT held.integration_id FROM held;
END;
