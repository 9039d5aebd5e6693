-- Forget deliveries received before a time, at most `wanted`; returns how many. Called by hub_maintenance.
-- Never younger than the week in which providers deliver again.
CREATE OR REPLACE FUNCTION hub.purge_webhook_deliveries(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        SELECT d.tenant_id, d.integration_id, d.delivery FROM hub.webhook_deliveries AS d
        WHERE d.received_at < least(before, now() - interval '7 days') ORDER BY d.received_at LIMIT wanted
    ), gone AS (
        DELETE FROM hub.webhook_deliveries AS d USING old
        WHERE (d.tenant_id, d.integration_id, d.delivery) = (old.tenant_id, old.integration_id, old.delivery)
        RETURNING 1
    )
    SELECT count(*) FROM gone;
END;
