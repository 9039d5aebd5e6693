-- Settle leased deliveries, each by itself: 'delivered', 'retry' at a later time, or 'dead'. Called by hub_worker.
-- A lease that was taken over since settles nothing. Returns how many were settled.
CREATE OR REPLACE FUNCTION hub.settle_deliveries(leases uuid[], outcome text, again_at timestamptz, error text)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT d.id FROM hub.deliveries AS d
        WHERE d.lease = ANY (leases) AND d.delivered_at IS NULL AND d.dead_at IS NULL
        ORDER BY d.id
        FOR UPDATE
    ), settled AS (
        UPDATE hub.deliveries AS d
        SET lease = NULL, lease_until = NULL, last_error = settle_deliveries.error,
            delivered_at = CASE WHEN outcome = 'delivered' THEN clock_timestamp() END,
            dead_at = CASE WHEN outcome = 'dead' THEN clock_timestamp() END,
            next_attempt_at = CASE WHEN outcome = 'retry' THEN again_at ELSE d.next_attempt_at END
        FROM held WHERE d.id = held.id AND outcome IN ('delivered', 'retry', 'dead')
        RETURNING 1
    )
    SELECT count(*) FROM settled;
END;
