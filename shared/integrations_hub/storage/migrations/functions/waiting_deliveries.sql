-- Tell how many deliveries wait, events without a destination yet among them, and how old the first one's event is.
-- One that rests after a failure waits, too. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.waiting_deliveries() RETURNS TABLE (depth bigint, lag_s double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT count(*), coalesce(extract(epoch FROM now() - min(w.created_at)), 0)::double precision
    FROM (
        SELECT o.created_at FROM hub.outbox AS o
        WHERE o.routed_at IS NULL AND o.delivered_at IS NULL AND o.dead_at IS NULL
        UNION ALL
        SELECT o.created_at FROM hub.deliveries AS d JOIN hub.outbox AS o ON o.id = d.event_id
        WHERE d.delivered_at IS NULL AND d.dead_at IS NULL
    ) AS w;
END;
