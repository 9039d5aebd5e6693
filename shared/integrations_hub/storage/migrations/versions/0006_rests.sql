-- Until when a provider is left alone, because it asked for that: one row per host and credential of a tenant, since
-- that is what providers count by. Obeyed by every integration of that host and credential, later ones too.

CREATE TABLE hub.rests (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    target text NOT NULL,
    auth_ref_uri text NOT NULL, -- empty where there is no credential
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, target, auth_ref_uri)
);
CREATE INDEX rests_purge ON hub.rests (until);
ALTER TABLE hub.rests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hub.rests TO hub_api
    USING (tenant_id = current_setting('app.tenant_id', true))
    WITH CHECK (tenant_id = current_setting('app.tenant_id', true));
CREATE POLICY record ON hub.rests TO hub_record USING (true) WITH CHECK (true);
CREATE POLICY claim ON hub.rests FOR SELECT TO hub_claim USING (true);
CREATE POLICY keep ON hub.rests TO hub_keep USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE (until) ON hub.rests TO hub_api, hub_record;
GRANT SELECT ON hub.rests TO hub_claim;
GRANT SELECT (until), DELETE ON hub.rests TO hub_keep;

GRANT SELECT (auth_ref_uri) ON hub.integrations TO hub_record;
GRANT UPDATE (retry_after_until, stale_at) ON hub.integration_health TO hub_claim;
