-- The causes of open incidents, oldest first. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.open_incidents() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT i.cause FROM hub.incidents AS i WHERE i.closed_at IS NULL ORDER BY i.opened_at, i.id;
END;
