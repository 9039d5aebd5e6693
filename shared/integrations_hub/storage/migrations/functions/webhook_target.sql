-- From an integration's id to its tenant, and the references by which its deliveries are proven; nothing for a deleted
-- integration and for one without a webhook. Called by hub_api, before it knows whose request it is.
CREATE OR REPLACE FUNCTION hub.webhook_target(wanted uuid) RETURNS TABLE (
    tenant_id text, type text, config_json jsonb, secret_refs text[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT i.tenant_id, i.type, i.config_json, array_remove(ARRAY[w.secret_ref, w.pending_ref,
        CASE WHEN w.replaced_at > now() - interval '24 hours' THEN w.previous_ref END], NULL)
    FROM hub.integrations AS i JOIN hub.webhooks AS w ON w.tenant_id = i.tenant_id AND w.integration_id = i.id
    WHERE i.id = wanted AND i.deleted_at IS NULL AND coalesce(w.secret_ref, w.pending_ref) IS NOT NULL;
END;
