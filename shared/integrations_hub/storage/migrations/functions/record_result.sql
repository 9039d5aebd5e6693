-- Write results of the current tenant's checks, by their leases; returns the ids written. Called by hub_api.
CREATE OR REPLACE FUNCTION hub.record_result(payload jsonb) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT w FROM hub.write_results(payload, false, nullif(current_setting('app.tenant_id', true), '')) AS w;
END;
