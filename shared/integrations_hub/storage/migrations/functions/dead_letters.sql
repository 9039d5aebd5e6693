-- Deliveries that were given up, in every tenant, oldest first, after a position: what and why, not the event's data.
-- Called by hub_worker, for the operator.
CREATE OR REPLACE FUNCTION hub.dead_letters(after_at timestamptz, after_id uuid, wanted integer) RETURNS TABLE (
    id uuid, event_id uuid, destination text, tenant_id text, integration_id uuid, type text, created_at timestamptz,
    dead_at timestamptz, attempts integer, error text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT d.id, d.event_id, d.destination, d.tenant_id, d.integration_id, o.type, o.created_at, d.dead_at, d.attempts,
        d.last_error
    FROM hub.deliveries AS d JOIN hub.outbox AS o ON o.id = d.event_id
    WHERE d.dead_at IS NOT NULL AND (after_at IS NULL OR (d.dead_at, d.id) > (after_at, after_id))
    ORDER BY d.dead_at, d.id
    LIMIT wanted;
END;
