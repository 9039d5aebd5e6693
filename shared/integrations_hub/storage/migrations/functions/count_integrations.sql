-- Count integrations by type, tenant and status as computed at this moment, in every tenant. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.count_integrations()
RETURNS TABLE (type text, tenant_id text, status text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT i.type, i.tenant_id, CASE WHEN h.stale_at >= now() THEN i.status ELSE 'unknown' END, count(*)
    FROM hub.integrations AS i JOIN hub.integration_health AS h ON h.integration_id = i.id
    WHERE i.deleted_at IS NULL
    GROUP BY 1, 2, 3;
END;
