-- Remove idempotency keys made before a time, at most `wanted`; returns how many. Called by hub_maintenance.
-- Never younger than the 24 hours a key is promised for.
CREATE OR REPLACE FUNCTION hub.purge_idempotency_keys(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        SELECT k.tenant_id, k.actor, k.route, k.key FROM hub.idempotency_keys AS k
        WHERE k.created_at < least(before, now() - interval '24 hours') ORDER BY k.created_at LIMIT wanted
    ), gone AS (
        DELETE FROM hub.idempotency_keys AS k USING old
        WHERE (k.tenant_id, k.actor, k.route, k.key) = (old.tenant_id, old.actor, old.route, old.key) RETURNING 1
    )
    SELECT count(*) FROM gone;
END;
