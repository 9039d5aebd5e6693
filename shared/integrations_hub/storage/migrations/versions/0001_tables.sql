-- Tables of the first release. Run as hub_owner; nothing newer than PostgreSQL 15.
-- Statuses are text with CHECK: a comparison of enums is not leakproof, so row-level security would keep it from indexes.

CREATE TABLE hub.integrations (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    type text NOT NULL,
    category text NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL, -- NFKC + casefold from Python: every PostgreSQL sorts it alike
    config_json jsonb NOT NULL,
    auth_ref_uri text,
    tags text[] NOT NULL DEFAULT '{}',
    target text NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    maintenance jsonb NOT NULL DEFAULT '[]',
    check_interval_seconds integer NOT NULL CHECK (check_interval_seconds > 0),
    failure_threshold integer NOT NULL CHECK (failure_threshold > 0),
    success_threshold integer NOT NULL CHECK (success_threshold > 0),
    status text NOT NULL DEFAULT 'unknown' CHECK (status IN ('healthy', 'degraded', 'unhealthy', 'unknown')),
    reason text,
    status_changed_at timestamptz,
    credential_rotated_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX integrations_name ON hub.integrations (tenant_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX integrations_page ON hub.integrations (tenant_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX integrations_deleted ON hub.integrations (tenant_id, name_key, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX integrations_type ON hub.integrations (tenant_id, type, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX integrations_status ON hub.integrations (tenant_id, status) WHERE deleted_at IS NULL;
CREATE INDEX integrations_purge ON hub.integrations (deleted_at) WHERE deleted_at IS NOT NULL;

-- What changes with every check, kept narrow beside the wide row: claiming 1,000 of a million takes 13 ms, not 44.
CREATE TABLE hub.integration_health (
    integration_id uuid PRIMARY KEY REFERENCES hub.integrations (id),
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    target text NOT NULL,
    next_check_at timestamptz, -- NULL while paused or deleted
    lease uuid,
    claimed_at timestamptz,
    lease_until timestamptz,
    failures integer NOT NULL DEFAULT 0,
    successes integer NOT NULL DEFAULT 0,
    rests integer NOT NULL DEFAULT 0,
    checks bigint NOT NULL DEFAULT 0,
    alert_open boolean NOT NULL DEFAULT false,
    last_checked_at timestamptz,
    stale_at timestamptz,
    retry_after_until timestamptz,
    credential_ends_at timestamptz,
    last_status text CHECK (last_status IN ('healthy', 'degraded', 'unhealthy', 'unknown')),
    last_reason text,
    last_latency_ms double precision,
    last_error text,
    last_steps jsonb NOT NULL DEFAULT '[]',
    event_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX integration_health_due ON hub.integration_health (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX integration_health_leased ON hub.integration_health (lease_until) WHERE lease IS NOT NULL;
CREATE INDEX integration_health_radar ON hub.integration_health (tenant_id, credential_ends_at)
    WHERE credential_ends_at IS NOT NULL;

CREATE TABLE hub.health_checks (
    integration_id uuid NOT NULL,
    checked_at timestamptz NOT NULL,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    claimed_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('healthy', 'degraded', 'unhealthy', 'unknown')),
    reason text NOT NULL,
    latency_ms double precision NOT NULL,
    error_message text,
    steps jsonb,
    in_maintenance boolean NOT NULL,
    PRIMARY KEY (integration_id, checked_at)
) PARTITION BY RANGE (checked_at);

CREATE TABLE hub.audit_heads (
    tenant_id text PRIMARY KEY CHECK (tenant_id <> ''),
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32)
);

CREATE TABLE hub.audit_logs (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    seq bigint NOT NULL CHECK (seq > 0),
    "timestamp" text NOT NULL, -- RFC 3339 with six decimals: kept as it was hashed
    actor text NOT NULL,
    action text NOT NULL,
    integration_id uuid,
    details text NOT NULL CHECK (json_typeof(details::json) = 'object'), -- RFC 8785, kept as it was hashed
    prev_hash bytea NOT NULL CHECK (length(prev_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, seq)
) PARTITION BY HASH (tenant_id);
CREATE INDEX audit_logs_integration ON hub.audit_logs (tenant_id, integration_id, seq);

CREATE TABLE hub.outbox (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    integration_id uuid NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'alert', 'recovery')),
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease uuid,
    lease_until timestamptz,
    delivered_at timestamptz,
    dead_at timestamptz,
    last_error text,
    UNIQUE (tenant_id, integration_id, sequence)
);
CREATE INDEX outbox_waiting ON hub.outbox (tenant_id, integration_id, sequence)
    WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_due ON hub.outbox (next_attempt_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_leased ON hub.outbox (lease) WHERE lease IS NOT NULL;
CREATE INDEX outbox_purge ON hub.outbox (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE hub.idempotency_keys (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    actor text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, actor, route, key)
);
CREATE INDEX idempotency_keys_purge ON hub.idempotency_keys (created_at);

CREATE TABLE hub.consumers (
    integration_id uuid NOT NULL,
    consumer text NOT NULL,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, integration_id, consumer)
);

CREATE TABLE hub.allowances (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    allowance text NOT NULL,
    window_starts_at timestamptz NOT NULL,
    spent integer NOT NULL,
    PRIMARY KEY (tenant_id, allowance)
);

-- The deployment's, no tenant's.
CREATE TABLE hub.plugin_metadata (
    plugin_id text PRIMARY KEY,
    path text NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'rejected', 'removed')),
    type text,
    category text,
    version text,
    capabilities text[] NOT NULL DEFAULT '{}',
    credential text NOT NULL CHECK (credential IN ('required', 'optional', 'none')),
    config_schema jsonb NOT NULL DEFAULT '{}',
    trust text NOT NULL CHECK (trust IN ('built-in', 'allow-listed', 'untrusted')),
    sha256 text,
    rejected_reason text,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Partitions live where no login role has USAGE, carry row-level security of their own and no grants.
CREATE FUNCTION hub.refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RAISE EXCEPTION 'the audit trail only grows: % is refused', tg_op USING ERRCODE = '42501'; END $$;
REVOKE EXECUTE ON FUNCTION hub.refuse_change() FROM PUBLIC;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON hub.audit_logs
    FOR EACH ROW EXECUTE FUNCTION hub.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON hub.audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse_change();
DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE hub_parts.audit_logs_%s PARTITION OF hub.audit_logs'
            ' FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE hub_parts.audit_logs_%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
        -- triggers on TRUNCATE are not inherited
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON hub_parts.audit_logs_%s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse_change()', part);
    END LOOP;
END $$;
