-- Close the open incident of a cause, with its one recovery; false when there is none. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.close_incident(about text, event_id uuid, data jsonb) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH closed AS (
        UPDATE hub.incidents AS i SET closed_at = now() WHERE i.cause = about AND i.closed_at IS NULL RETURNING i.id
    ), told AS (
        INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)
        SELECT event_id, '-', closed.id, 2, 'hub.incident_closed', 'recovery', data FROM closed
    )
    SELECT EXISTS (SELECT 1 FROM closed);
END;
