-- Remember until when the hosts of these integrations are left alone with their credentials, the longest wish of each;
-- a wish in force is never shortened. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.note_rests(ids uuid[], untils timestamptz[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH noted AS (
        INSERT INTO hub.rests AS r (tenant_id, target, auth_ref_uri, until)
        SELECT h.tenant_id, h.target, coalesce(i.auth_ref_uri, ''), max(wish.until)
        FROM unnest(ids, untils) AS wish(id, until)
            JOIN hub.integration_health AS h ON h.integration_id = wish.id
            JOIN hub.integrations AS i ON i.id = wish.id
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (tenant_id, target, auth_ref_uri) DO UPDATE SET until = greatest(r.until, excluded.until)
        RETURNING 1
    )
    SELECT count(*) FROM noted;
END;
