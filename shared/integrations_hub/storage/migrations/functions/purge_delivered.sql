-- Remove events delivered before a time, at most `wanted`; returns how many. Called by hub_maintenance.
CREATE OR REPLACE FUNCTION hub.purge_delivered(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        SELECT o.id FROM hub.outbox AS o WHERE o.delivered_at < before ORDER BY o.delivered_at LIMIT wanted
    ), gone AS (
        DELETE FROM hub.outbox AS o USING old WHERE o.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone;
END;
