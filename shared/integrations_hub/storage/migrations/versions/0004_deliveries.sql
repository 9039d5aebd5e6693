-- Where each event goes, each way settled by itself; and what a tenant decides for itself.

CREATE TABLE hub.tenant_settings (
    tenant_id text PRIMARY KEY CHECK (tenant_id <> ''),
    require_test_receipt boolean NOT NULL DEFAULT false,
    alert_routes jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(alert_routes) = 'array'),
    version bigint NOT NULL DEFAULT 0,
    updated_at timestamptz
);

ALTER TABLE hub.outbox ADD COLUMN routed_at timestamptz; -- when its deliveries were made
CREATE INDEX outbox_unrouted ON hub.outbox (created_at)
    WHERE routed_at IS NULL AND delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_routed ON hub.outbox (routed_at) WHERE routed_at IS NOT NULL;

-- One way of one event. `destination` is a channel of the deployment, or `<tenant>/<route>`: no tenant's name holds `/`.
CREATE TABLE hub.deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id uuid NOT NULL REFERENCES hub.outbox (id) ON DELETE CASCADE,
    destination text NOT NULL,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    integration_id uuid NOT NULL,
    sequence bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease uuid,
    lease_until timestamptz,
    delivered_at timestamptz,
    dead_at timestamptz,
    last_error text,
    UNIQUE (event_id, destination)
);
CREATE INDEX deliveries_waiting ON hub.deliveries (tenant_id, integration_id, destination, sequence)
    WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX deliveries_due ON hub.deliveries (next_attempt_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX deliveries_leased ON hub.deliveries (lease) WHERE lease IS NOT NULL;
CREATE INDEX deliveries_dead ON hub.deliveries (dead_at, id) WHERE dead_at IS NOT NULL;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['tenant_settings', 'deliveries'] LOOP
        EXECUTE format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON hub.%I TO hub_api'
            ' USING (tenant_id = current_setting(''app.tenant_id'', true))'
            ' WITH CHECK (tenant_id = current_setting(''app.tenant_id'', true))', tenant_table);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (require_test_receipt, alert_routes, version, updated_at) ON hub.tenant_settings
    TO hub_api;

-- hub_deliver: from an event to its deliveries, by the routes of its tenant.
CREATE POLICY deliver ON hub.deliveries TO hub_deliver USING (true);
CREATE POLICY deliver ON hub.tenant_settings FOR SELECT TO hub_deliver USING (true);
CREATE POLICY deliver ON hub.integrations FOR SELECT TO hub_deliver USING (true);
GRANT SELECT ON hub.deliveries TO hub_deliver;
GRANT INSERT (event_id, destination, tenant_id, integration_id, sequence) ON hub.deliveries TO hub_deliver;
GRANT UPDATE (attempts, next_attempt_at, lease, lease_until, delivered_at, dead_at, last_error)
    ON hub.deliveries TO hub_deliver;
GRANT UPDATE (routed_at) ON hub.outbox TO hub_deliver;
GRANT SELECT (tenant_id, alert_routes) ON hub.tenant_settings TO hub_deliver;
GRANT SELECT (id, tenant_id, type, tags) ON hub.integrations TO hub_deliver;

CREATE POLICY keep ON hub.deliveries TO hub_keep USING (true) WITH CHECK (false);
GRANT SELECT (id, event_id, delivered_at, dead_at), DELETE ON hub.deliveries TO hub_keep;
GRANT SELECT (routed_at) ON hub.outbox TO hub_keep;
