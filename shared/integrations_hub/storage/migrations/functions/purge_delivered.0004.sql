-- Remove events delivered before a time, everywhere they went, at most `wanted`; returns how many. One with a delivery
-- that is open or dead stays. Called by hub_maintenance.
CREATE OR REPLACE FUNCTION hub.purge_delivered(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        (SELECT o.id FROM hub.outbox AS o WHERE o.delivered_at < before ORDER BY o.delivered_at LIMIT wanted)
        UNION ALL
        (SELECT o.id FROM hub.outbox AS o
        WHERE o.routed_at < before
            AND NOT EXISTS (
                SELECT 1 FROM hub.deliveries AS d
                WHERE d.event_id = o.id AND (d.delivered_at IS NULL OR d.delivered_at >= before))
        ORDER BY o.routed_at LIMIT wanted)
        LIMIT wanted
    ), gone AS (
        DELETE FROM hub.outbox AS o USING old WHERE o.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone;
END;
