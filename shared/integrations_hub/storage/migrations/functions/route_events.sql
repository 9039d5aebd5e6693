-- Make the deliveries of events that have none yet, in every tenant: by the tenant's own routes, or, where it has none,
-- to each of the deployment's channels. The log gets all of them. Called by hub_worker; returns how many were routed.
CREATE OR REPLACE FUNCTION hub.route_events(channels text[], wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH waiting AS MATERIALIZED (
        SELECT o.id, o.tenant_id, o.integration_id, o.sequence, o.type, o.severity
        FROM hub.outbox AS o
        WHERE o.routed_at IS NULL AND o.delivered_at IS NULL AND o.dead_at IS NULL
            AND (o.lease IS NULL OR o.lease_until <= now()) -- of the release before deliveries, while it still runs
        ORDER BY o.created_at
        LIMIT wanted
        FOR UPDATE SKIP LOCKED
    ), routes AS MATERIALIZED (
        SELECT s.tenant_id, r.*
        FROM hub.tenant_settings AS s CROSS JOIN LATERAL jsonb_to_recordset(s.alert_routes) AS r(
            name text, channel text, url text, events text[], severities text[], types text[], tags text[])
        WHERE s.tenant_id IN (SELECT w.tenant_id FROM waiting AS w)
    ), chosen AS MATERIALIZED (
        SELECT w.id, CASE WHEN r.url IS NULL THEN r.channel ELSE w.tenant_id || '/' || r.name END AS destination
        FROM waiting AS w JOIN routes AS r ON r.tenant_id = w.tenant_id
            LEFT JOIN hub.integrations AS i ON i.id = w.integration_id AND i.tenant_id = w.tenant_id
        WHERE (r.events = '{}' OR w.type = ANY (r.events))
            AND (r.severities = '{}' OR w.severity = ANY (r.severities))
            AND (r.types = '{}' OR i.type = ANY (r.types))
            AND (r.tags = '{}' OR i.tags && r.tags)
        UNION
        SELECT w.id, c.name FROM waiting AS w CROSS JOIN unnest(channels) AS c(name)
        WHERE c.name = 'log' OR NOT EXISTS (SELECT 1 FROM routes AS r WHERE r.tenant_id = w.tenant_id)
    ), made AS (
        INSERT INTO hub.deliveries (event_id, destination, tenant_id, integration_id, sequence)
        SELECT w.id, c.destination, w.tenant_id, w.integration_id, w.sequence
        FROM waiting AS w JOIN chosen AS c ON c.id = w.id
        ON CONFLICT DO NOTHING
    ), routed AS (
        UPDATE hub.outbox AS o SET routed_at = clock_timestamp() FROM waiting AS w WHERE o.id = w.id RETURNING 1
    )
    SELECT count(*) FROM routed;
END;
