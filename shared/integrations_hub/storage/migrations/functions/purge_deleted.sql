-- Remove integrations deleted before a time, with what belongs to them, at most `wanted`, and write each into its
-- tenant's audit trail. Returns how many. Called by hub_maintenance. Never younger than a day, whatever it is asked.
-- Health is locked before integrations and the chains last, as every other writer does.
CREATE OR REPLACE FUNCTION hub.purge_deleted(before timestamptz, wanted integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        SELECT i.id, i.tenant_id, i.name, i.type FROM hub.integrations AS i
        WHERE i.deleted_at < least(before, now() - interval '1 day')
        ORDER BY i.deleted_at LIMIT wanted
    ), health AS MATERIALIZED (
        SELECT h.integration_id FROM hub.integration_health AS h WHERE h.integration_id IN (SELECT id FROM old)
        ORDER BY h.integration_id FOR UPDATE
    ), gone AS MATERIALIZED (
        SELECT i.id, i.tenant_id, i.name, i.type FROM hub.integrations AS i
        WHERE i.id IN (SELECT integration_id FROM health) AND i.deleted_at IS NOT NULL
        ORDER BY i.id FOR UPDATE
    ), no_health AS (
        DELETE FROM hub.integration_health AS h USING gone WHERE h.integration_id = gone.id
    ), no_consumers AS (
        DELETE FROM hub.consumers AS c USING gone WHERE c.tenant_id = gone.tenant_id AND c.integration_id = gone.id
    ), no_events AS (
        DELETE FROM hub.outbox AS o USING gone WHERE o.tenant_id = gone.tenant_id AND o.integration_id = gone.id
    ), removed AS (
        DELETE FROM hub.integrations AS i USING gone WHERE i.id = gone.id
        RETURNING i.id, i.tenant_id, i.name, i.type
    ), audited AS MATERIALIZED (
        SELECT hub.audit_link(r.tenant_id, 'hub', 'integration.purged', r.id,
            '{"name":' || to_json(r.name)::text || ',"type":' || to_json(r.type)::text || '}') AS seq
        FROM (SELECT * FROM removed ORDER BY removed.tenant_id, removed.id) AS r
    )
    SELECT count(audited.seq) FROM audited;
END;
