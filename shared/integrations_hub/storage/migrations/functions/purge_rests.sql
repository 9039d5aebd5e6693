-- Forget, of what providers asked for, what is over. Called by hub_worker once a day.
CREATE OR REPLACE FUNCTION hub.purge_rests() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH gone AS (DELETE FROM hub.rests AS r WHERE r.until < now() - interval '1 day' RETURNING 1)
    SELECT count(*) FROM gone;
END;
