-- What the checks of an hour add up to, kept long after the checks themselves, and added up in turn: a read of 30 days
-- costs 720 rows of one integration whatever its interval. A row takes about 185 bytes and its index entry 40: 100,000
-- integrations are 17 GB a month, 215 GB in 13 months. Partitioned by month, so that retention drops partitions.
CREATE TABLE hub.health_hours (
    integration_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    -- outages: an hour begins with its first verdict and ends in an outage since `down_since`, or in none
    first_at timestamptz,
    up_at timestamptz, -- its first check that worked
    down_since timestamptz,
    repair_seconds double precision NOT NULL, -- of outages that neither began with the hour nor outlast it
    repairs smallint NOT NULL,
    transitions smallint NOT NULL,
    -- checks by their verdict; those in maintenance count nowhere
    healthy smallint NOT NULL,
    degraded smallint NOT NULL,
    unhealthy smallint NOT NULL,
    unknown smallint NOT NULL,
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    -- latencies of checks with a verdict: the buckets that occur, and how often
    latency_buckets smallint[] NOT NULL,
    latency_counts smallint[] NOT NULL,
    PRIMARY KEY (integration_id, hour)
) PARTITION BY RANGE (hour);

ALTER TABLE hub.health_hours ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hub.health_hours TO hub_api
    USING (tenant_id = current_setting('app.tenant_id', true))
    WITH CHECK (tenant_id = current_setting('app.tenant_id', true));
CREATE POLICY keep ON hub.health_hours TO hub_keep USING (true) WITH CHECK (true);
CREATE POLICY keep ON hub.health_checks FOR SELECT TO hub_keep USING (true);
GRANT SELECT ON hub.health_hours TO hub_api;
GRANT SELECT, INSERT, UPDATE ON hub.health_hours TO hub_keep;
GRANT SELECT (integration_id, checked_at, tenant_id, status, latency_ms, in_maintenance)
    ON hub.health_checks TO hub_keep;

-- How far the hours are rolled up, one row: those before `hour`, and of `hour` the integrations up to `after`.
CREATE TABLE hub.roll_up (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    hour timestamptz NOT NULL,
    after uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
GRANT SELECT, UPDATE (hour, after) ON hub.roll_up TO hub_keep;

-- Begin with the oldest check there is; FORCE would hide every one of them.
ALTER TABLE hub.health_checks NO FORCE ROW LEVEL SECURITY;
INSERT INTO hub.roll_up (hour) SELECT date_trunc('hour', coalesce(min(checked_at), now()), 'UTC') FROM hub.health_checks;
ALTER TABLE hub.health_checks FORCE ROW LEVEL SECURITY;

-- Checks that arrived after their hour may have been rolled up. An hour is, at the earliest, five minutes after its
-- end; a check is late from the fourth: no transaction lasts the minute between, so none falls through.
CREATE TABLE hub.late_checks (
    integration_id uuid NOT NULL,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (integration_id, checked_at)
);
CREATE INDEX late_checks_oldest ON hub.late_checks (checked_at);
GRANT INSERT ON hub.late_checks TO hub_record;
GRANT SELECT, DELETE ON hub.late_checks TO hub_keep;

CREATE FUNCTION hub.note_late_checks() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, hub, pg_temp
AS $$
BEGIN
    INSERT INTO hub.late_checks (integration_id, checked_at)
    SELECT a.integration_id, a.checked_at FROM arrived AS a
    WHERE date_trunc('hour', a.checked_at, 'UTC') + interval '64 minutes' <= now();
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION hub.note_late_checks() FROM PUBLIC;
CREATE TRIGGER note_late_checks AFTER INSERT ON hub.health_checks
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hub.note_late_checks();

-- Buckets whose bounds grow by the factor 1.02 / 0.98: a bucket's value is within 2 % of every latency in it
-- (DDSketch, Masson et al., VLDB 2019). What took less than 0.1 ms counts as that.
CREATE FUNCTION hub.latency_bucket(latency_ms double precision) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ceil(ln(greatest(latency_ms, 0.1)) / ln(1.02::double precision / 0.98))::smallint;
CREATE FUNCTION hub.bucket_latency(bucket smallint) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 0.98 * power(1.02::double precision / 0.98, bucket);
REVOKE EXECUTE ON FUNCTION hub.latency_bucket(double precision), hub.bucket_latency(smallint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub.latency_bucket(double precision) TO hub_api, hub_keep;
GRANT EXECUTE ON FUNCTION hub.bucket_latency(smallint) TO hub_api;
