-- Tell how many integrations failed by a cause at their last check, those that are checked no more aside.
-- Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.failing_by(about text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT count(*) FROM hub.integration_health AS h WHERE h.cause = about AND h.next_check_at IS NOT NULL;
END;
