-- Open the incident of a cause, with its one alert; false when it is open already, whoever opened it.
-- Its events are the deployment's: tenant `-`, which no token can name. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.open_incident(about text, event_id uuid, data jsonb) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH opened AS (
        INSERT INTO hub.incidents (id, cause) VALUES (gen_random_uuid(), about)
        ON CONFLICT (cause) WHERE closed_at IS NULL DO NOTHING RETURNING id
    ), told AS (
        INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)
        SELECT event_id, '-', opened.id, 1, 'hub.incident_opened', 'alert', data FROM opened
    )
    SELECT EXISTS (SELECT 1 FROM opened);
END;
