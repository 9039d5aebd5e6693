-- Integrations whose secret is to be looked at, because their next check is far off: with a reference to it and what was
-- known of it. Each is looked at again in five minutes, whoever asked dies. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.claim_looks(wanted integer) RETURNS TABLE (
    integration_id uuid, tenant_id text, type text, config_json jsonb, auth_ref_uri text, secret_revision text,
    credential_rotated_at timestamptz
) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH due AS MATERIALIZED (
        SELECT d.integration_id FROM hub.integration_health AS d WHERE d.look_at <= now()
        ORDER BY d.look_at LIMIT wanted
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE hub.integration_health AS h SET look_at = now() + interval '5 minutes'
        FROM due WHERE h.integration_id = due.integration_id
        RETURNING h.integration_id, h.secret_revision
    )
    SELECT t.integration_id, i.tenant_id, i.type, i.config_json, i.auth_ref_uri, t.secret_revision,
        i.credential_rotated_at
    FROM taken AS t JOIN hub.integrations AS i ON i.id = t.integration_id
    WHERE i.auth_ref_uri IS NOT NULL AND i.deleted_at IS NULL;
END;
