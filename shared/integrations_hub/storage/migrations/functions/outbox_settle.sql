-- Settle leased events: 'delivered', 'retry' at a later time, or 'dead'. Called by hub_worker.
-- A lease that was taken over since settles nothing. Returns how many were settled.
CREATE OR REPLACE FUNCTION hub.outbox_settle(leases uuid[], outcome text, again_at timestamptz, error text)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT o.id FROM hub.outbox AS o
        WHERE o.lease = ANY (leases) AND o.delivered_at IS NULL AND o.dead_at IS NULL
        ORDER BY o.id
        FOR UPDATE
    ), settled AS (
        UPDATE hub.outbox AS o
        SET lease = NULL, lease_until = NULL, last_error = outbox_settle.error,
            delivered_at = CASE WHEN outcome = 'delivered' THEN clock_timestamp() END,
            dead_at = CASE WHEN outcome = 'dead' THEN clock_timestamp() END,
            next_attempt_at = CASE WHEN outcome = 'retry' THEN again_at ELSE o.next_attempt_at END
        FROM held WHERE o.id = held.id AND outcome IN ('delivered', 'retry', 'dead')
        RETURNING 1
    )
    SELECT count(*) FROM settled;
END;
