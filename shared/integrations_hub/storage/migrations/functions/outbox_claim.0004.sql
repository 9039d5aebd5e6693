-- Lease the oldest undelivered event of each integration that is due, in every tenant. Called by hub_worker.
-- For the release before deliveries, while it still runs: what was routed is not its any more.
-- An integration whose oldest event is leased or rests yields nothing, so that order within it holds.
CREATE OR REPLACE FUNCTION hub.outbox_claim(wanted integer, lease_s double precision) RETURNS TABLE (
    id uuid, tenant_id text, integration_id uuid, sequence bigint, type text, severity text, data jsonb,
    created_at timestamptz, attempts integer, lease uuid
) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH due AS MATERIALIZED (
        SELECT o.id FROM hub.outbox AS o
        WHERE o.routed_at IS NULL AND o.delivered_at IS NULL AND o.dead_at IS NULL AND o.next_attempt_at <= now()
            AND (o.lease IS NULL OR o.lease_until <= now())
            AND NOT EXISTS (
                SELECT 1 FROM hub.outbox AS older
                WHERE older.tenant_id = o.tenant_id AND older.integration_id = o.integration_id
                    AND older.sequence < o.sequence AND older.delivered_at IS NULL AND older.dead_at IS NULL)
        ORDER BY o.next_attempt_at, o.created_at
        LIMIT wanted
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE hub.outbox AS o
        SET lease = gen_random_uuid(), lease_until = clock_timestamp() + make_interval(secs => lease_s),
            attempts = o.attempts + 1
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.tenant_id, o.integration_id, o.sequence, o.type, o.severity, o.data, o.created_at, o.attempts,
            o.lease
    )
    SELECT c.id, c.tenant_id, c.integration_id, c.sequence, c.type, c.severity, c.data, c.created_at,
        c.attempts - 1, c.lease
    FROM claimed AS c ORDER BY c.created_at;
END;
