-- Remove deliveries given up before a time, at most `wanted`; returns how many. Called by hub_maintenance.
CREATE OR REPLACE FUNCTION hub.purge_dead_letters(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        SELECT d.id FROM hub.deliveries AS d WHERE d.dead_at < before ORDER BY d.dead_at LIMIT wanted
    ), gone AS (
        DELETE FROM hub.deliveries AS d USING old WHERE d.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone;
END;
