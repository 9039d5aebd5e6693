-- Add one link to the current tenant's chain; the last statement before COMMIT, always: mixed orders deadlock.
-- Called by hub_api. Without a tenant the chain's CHECK refuses.
CREATE OR REPLACE FUNCTION hub.audit_append(actor text, action text, integration_id uuid, details text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT hub.audit_link(coalesce(current_setting('app.tenant_id', true), ''), audit_append.actor,
        audit_append.action, audit_append.integration_id, audit_append.details);
END;
