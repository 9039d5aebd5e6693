-- Tell how many checks are due that nobody has begun, and for how long the first of them is. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.waiting_checks() RETURNS TABLE (depth bigint, lag_s double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT count(*), coalesce(extract(epoch FROM now() - min(h.next_check_at)), 0)::double precision
    FROM hub.integration_health AS h
    WHERE h.next_check_at <= now() AND (h.lease_until IS NULL OR h.lease_until <= now());
END;
