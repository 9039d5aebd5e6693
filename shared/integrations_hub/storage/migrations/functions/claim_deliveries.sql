-- Lease the oldest open delivery of each integration and destination that is due, in every tenant, but to those to
-- avoid. Called by hub_worker. One whose integration has an older event open there, or not routed yet, waits for it.
CREATE OR REPLACE FUNCTION hub.claim_deliveries(wanted integer, lease_s double precision, avoid text[])
RETURNS TABLE (
    id uuid, tenant_id text, integration_id uuid, sequence bigint, type text, severity text, data jsonb,
    created_at timestamptz, attempts integer, lease uuid, destination text, url text, secret_ref text
) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH due AS MATERIALIZED (
        SELECT d.id FROM hub.deliveries AS d
        WHERE d.delivered_at IS NULL AND d.dead_at IS NULL AND d.next_attempt_at <= now()
            AND (d.lease IS NULL OR d.lease_until <= now())
            AND d.destination <> ALL (avoid)
            AND NOT EXISTS (
                SELECT 1 FROM hub.deliveries AS older
                WHERE older.tenant_id = d.tenant_id AND older.integration_id = d.integration_id
                    AND older.destination = d.destination AND older.sequence < d.sequence
                    AND older.delivered_at IS NULL AND older.dead_at IS NULL)
            AND NOT EXISTS (
                SELECT 1 FROM hub.outbox AS older
                WHERE older.tenant_id = d.tenant_id AND older.integration_id = d.integration_id
                    AND older.sequence < d.sequence
                    AND older.routed_at IS NULL AND older.delivered_at IS NULL AND older.dead_at IS NULL)
        ORDER BY d.next_attempt_at, d.sequence
        LIMIT wanted
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE hub.deliveries AS d
        SET lease = gen_random_uuid(), lease_until = clock_timestamp() + make_interval(secs => lease_s),
            attempts = d.attempts + 1
        FROM due WHERE d.id = due.id
        RETURNING d.event_id, d.tenant_id, d.attempts, d.lease, d.destination
    )
    SELECT o.id, o.tenant_id, o.integration_id, o.sequence, o.type, o.severity, o.data, o.created_at,
        c.attempts - 1, c.lease, c.destination, r.url, r.secret_ref
    FROM claimed AS c JOIN hub.outbox AS o ON o.id = c.event_id
        LEFT JOIN hub.tenant_settings AS s ON s.tenant_id = c.tenant_id AND strpos(c.destination, '/') > 0
        LEFT JOIN LATERAL jsonb_to_recordset(s.alert_routes) AS r(name text, url text, secret_ref text)
            ON c.tenant_id || '/' || r.name = c.destination
    ORDER BY o.created_at;
END;
