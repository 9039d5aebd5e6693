-- Who may touch what. FORCE binds the owner too, so each definer function runs as a role with a policy of its own.

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['integrations', 'integration_health', 'health_checks', 'audit_heads',
        'audit_logs', 'outbox', 'idempotency_keys', 'consumers', 'allowances'] LOOP
        EXECUTE format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY tenant ON hub.%I TO hub_api'
            ' USING (tenant_id = current_setting(''app.tenant_id'', true))'
            ' WITH CHECK (tenant_id = current_setting(''app.tenant_id'', true))', tenant_table);
    END LOOP;
END $$;

-- hub_api: one tenant at a time. Neither tenant_id nor id can be updated; nothing can be deleted.
GRANT SELECT, INSERT ON hub.integrations TO hub_api;
GRANT UPDATE (category, name, name_key, config_json, auth_ref_uri, tags, target, paused, maintenance,
    check_interval_seconds, failure_threshold, success_threshold, status, reason, status_changed_at,
    credential_rotated_at, version, updated_at, deleted_at) ON hub.integrations TO hub_api;
GRANT SELECT ON hub.integration_health TO hub_api;
GRANT INSERT (integration_id, tenant_id, target, next_check_at) ON hub.integration_health TO hub_api;
GRANT UPDATE (target, next_check_at, lease, claimed_at, lease_until, failures, successes, rests, stale_at,
    retry_after_until, credential_ends_at, event_seq) ON hub.integration_health TO hub_api;
GRANT SELECT ON hub.health_checks, hub.audit_heads, hub.audit_logs TO hub_api;
GRANT INSERT (id, tenant_id, integration_id, sequence, type, severity, data) ON hub.outbox TO hub_api;
GRANT SELECT, INSERT ON hub.idempotency_keys TO hub_api;
GRANT UPDATE (body_sha256, answer, created_at) ON hub.idempotency_keys TO hub_api;
GRANT SELECT, INSERT ON hub.consumers TO hub_api;
GRANT UPDATE (last_seen_at) ON hub.consumers TO hub_api;
GRANT SELECT, INSERT ON hub.allowances TO hub_api;
GRANT UPDATE (window_starts_at, spent) ON hub.allowances TO hub_api;
GRANT SELECT, INSERT ON hub.plugin_metadata TO hub_api;
GRANT UPDATE (path, state, type, category, version, capabilities, credential, config_schema, trust, sha256,
    rejected_reason, changed_at) ON hub.plugin_metadata TO hub_api;

-- hub_claim: leases what is due, in every tenant.
CREATE POLICY claim ON hub.integrations FOR SELECT TO hub_claim USING (true);
CREATE POLICY claim ON hub.integration_health TO hub_claim USING (true);
GRANT SELECT ON hub.integrations, hub.integration_health TO hub_claim;
GRANT UPDATE (lease, claimed_at, lease_until) ON hub.integration_health TO hub_claim;

-- hub_record: writes results, in the tenant of the row they are about. No config column.
CREATE POLICY record ON hub.integrations TO hub_record USING (true);
CREATE POLICY record ON hub.integration_health TO hub_record USING (true);
CREATE POLICY record ON hub.health_checks FOR INSERT TO hub_record WITH CHECK (true);
CREATE POLICY record ON hub.outbox FOR INSERT TO hub_record WITH CHECK (true);
GRANT SELECT (id, tenant_id, status, reason, status_changed_at) ON hub.integrations TO hub_record;
GRANT UPDATE (status, reason, status_changed_at) ON hub.integrations TO hub_record;
GRANT SELECT ON hub.integration_health TO hub_record;
GRANT UPDATE (next_check_at, lease, claimed_at, lease_until, failures, successes, rests, checks, alert_open,
    last_checked_at, stale_at, retry_after_until, credential_ends_at, last_status, last_reason, last_latency_ms,
    last_error, last_steps, event_seq) ON hub.integration_health TO hub_record;
GRANT INSERT ON hub.health_checks, hub.outbox TO hub_record;

-- hub_audit: appends to chains.
CREATE POLICY audit ON hub.audit_heads TO hub_audit USING (true) WITH CHECK (true);
CREATE POLICY audit ON hub.audit_logs FOR INSERT TO hub_audit WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (seq, hash) ON hub.audit_heads TO hub_audit;
GRANT INSERT ON hub.audit_logs TO hub_audit;

-- hub_deliver: takes events out and settles them.
CREATE POLICY deliver ON hub.outbox TO hub_deliver USING (true);
GRANT SELECT ON hub.outbox TO hub_deliver;
GRANT UPDATE (attempts, next_attempt_at, lease, lease_until, delivered_at, dead_at, last_error)
    ON hub.outbox TO hub_deliver;

-- hub_keep: removes what was kept long enough.
CREATE POLICY keep ON hub.integrations TO hub_keep USING (true) WITH CHECK (false);
CREATE POLICY keep ON hub.integration_health TO hub_keep USING (true) WITH CHECK (false);
CREATE POLICY keep ON hub.consumers TO hub_keep USING (true) WITH CHECK (false);
CREATE POLICY keep ON hub.outbox TO hub_keep USING (true) WITH CHECK (false);
CREATE POLICY keep ON hub.idempotency_keys TO hub_keep USING (true) WITH CHECK (false);
GRANT SELECT (id, tenant_id, name, type, deleted_at), DELETE ON hub.integrations TO hub_keep;
GRANT SELECT (integration_id), DELETE ON hub.integration_health TO hub_keep;
GRANT SELECT (tenant_id, integration_id), DELETE ON hub.consumers TO hub_keep;
GRANT SELECT (id, tenant_id, integration_id, delivered_at), DELETE ON hub.outbox TO hub_keep;
GRANT SELECT (tenant_id, actor, route, key, created_at), DELETE ON hub.idempotency_keys TO hub_keep;

-- SELECT … FOR UPDATE asks for the right to update some column; these roles update none, the policies above see to it.
GRANT UPDATE (deleted_at) ON hub.integrations TO hub_keep;
GRANT UPDATE (lease) ON hub.integration_health TO hub_keep;
