-- Both go with their integration when it is purged: referential actions pass row-level security.

-- Which secret an integration's deliveries are proven by. Three may count at once: the one in force, the one being set
-- up at the provider just now, and for a while the one that was replaced.
CREATE TABLE hub.webhooks (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    integration_id uuid NOT NULL REFERENCES hub.integrations (id) ON DELETE CASCADE,
    secret_ref text,
    pending_ref text,
    previous_ref text,
    replaced_at timestamptz,
    PRIMARY KEY (tenant_id, integration_id)
);
CREATE INDEX webhooks_integration ON hub.webhooks (integration_id);

-- What was received, once: `delivery` is SHA-256 over its body; another row has that over the provider's name of it.
CREATE TABLE hub.webhook_deliveries (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    integration_id uuid NOT NULL REFERENCES hub.integrations (id) ON DELETE CASCADE,
    delivery bytea NOT NULL CHECK (length(delivery) = 32),
    event_id uuid NOT NULL, -- of the outbox
    kind text NOT NULL,
    resource text,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, integration_id, delivery)
);
CREATE INDEX webhook_deliveries_integration ON hub.webhook_deliveries (integration_id);
CREATE INDEX webhook_deliveries_purge ON hub.webhook_deliveries (received_at);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['webhooks', 'webhook_deliveries'] LOOP
        EXECUTE format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON hub.%I TO hub_api'
            ' USING (tenant_id = current_setting(''app.tenant_id'', true))'
            ' WITH CHECK (tenant_id = current_setting(''app.tenant_id'', true))', tenant_table);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (secret_ref, pending_ref, previous_ref, replaced_at) ON hub.webhooks TO hub_api;
GRANT SELECT, INSERT ON hub.webhook_deliveries TO hub_api;

-- hub_ingress: from an id in a URL to whose integration it is, and what proves its deliveries.
CREATE POLICY ingress ON hub.integrations FOR SELECT TO hub_ingress USING (true);
CREATE POLICY ingress ON hub.webhooks FOR SELECT TO hub_ingress USING (true);
GRANT SELECT (id, tenant_id, type, config_json, deleted_at) ON hub.integrations TO hub_ingress;
GRANT SELECT ON hub.webhooks TO hub_ingress;

CREATE POLICY keep ON hub.webhook_deliveries TO hub_keep USING (true) WITH CHECK (false);
GRANT SELECT (tenant_id, integration_id, delivery, received_at), DELETE ON hub.webhook_deliveries TO hub_keep;
