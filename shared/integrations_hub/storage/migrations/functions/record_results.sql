-- Write results of any tenant's checks, by their leases; returns the ids written. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.record_results(payload jsonb) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT w FROM hub.write_results(payload, true, NULL) AS w;
END;
