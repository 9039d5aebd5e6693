-- Roll up the next `wanted` integrations of the first hour that is not yet done, and hours that late checks belong to;
-- returns how many rows were written, and whether there may be more to do. Called by hub_maintenance.
-- Each hour is added up anew from its checks, so doing it twice does no harm; two at once take turns.
-- A deleted integration counts until it is purged. Checks in maintenance leave a row of zeros: a read then knows that
-- the hour is done.
CREATE OR REPLACE FUNCTION hub.roll_up_checks(wanted integer) RETURNS TABLE (hours bigint, more boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    -- one at a time; a statement of its own, so that the next sees what the one before has left
    SELECT r.hour FROM hub.roll_up AS r FOR UPDATE;
    WITH place AS MATERIALIZED (
        SELECT r.hour, r.after FROM hub.roll_up AS r
    ), late AS (
        DELETE FROM hub.late_checks AS l USING (
            SELECT o.integration_id, o.checked_at FROM hub.late_checks AS o, place
            WHERE o.checked_at < place.hour ORDER BY o.checked_at LIMIT wanted
        ) AS oldest
        WHERE l.integration_id = oldest.integration_id AND l.checked_at = oldest.checked_at
        RETURNING l.integration_id, l.checked_at
    ), batch AS MATERIALIZED (
        SELECT next.integration_id, place.hour FROM place CROSS JOIN LATERAL (
            SELECT h.integration_id FROM hub.integration_health AS h WHERE h.integration_id > place.after
            ORDER BY h.integration_id LIMIT wanted
        ) AS next
        WHERE place.hour + interval '65 minutes' <= now()
    ), asked AS (
        SELECT b.integration_id, b.hour FROM batch AS b
        UNION SELECT l.integration_id, date_trunc('hour', l.checked_at, 'UTC') FROM late AS l
    ), due AS MATERIALIZED ( -- with its end: a sum in a condition would keep row-level security from the index
        SELECT a.integration_id, a.hour, a.hour + interval '1 hour' AS ends_at FROM asked AS a
    ), written AS (
        INSERT INTO hub.health_hours AS old (integration_id, hour, tenant_id, healthy, degraded, unhealthy, unknown,
            first_at, up_at, down_since, transitions, repairs, repair_seconds, latency_buckets, latency_counts)
        SELECT due.integration_id, due.hour, sums.tenant_id, sums.healthy, sums.degraded, sums.unhealthy, sums.unknown,
            sums.first_at, sums.up_at, CASE WHEN sums.ends_down THEN sums.down_since END, sums.transitions,
            sums.repairs, coalesce(sums.repair_seconds, 0), coalesce(sketch.buckets, '{}'), coalesce(sketch.counts, '{}')
        FROM due CROSS JOIN LATERAL (
            SELECT min(c.tenant_id) AS tenant_id,
                count(*) FILTER (WHERE c.status = 'healthy' AND NOT c.in_maintenance) AS healthy,
                count(*) FILTER (WHERE c.status = 'degraded' AND NOT c.in_maintenance) AS degraded,
                count(*) FILTER (WHERE c.status = 'unhealthy' AND NOT c.in_maintenance) AS unhealthy,
                count(*) FILTER (WHERE c.status = 'unknown' AND NOT c.in_maintenance) AS unknown,
                min(c.first_at) AS first_at,
                min(c.checked_at) FILTER (WHERE c.works) AS up_at,
                max(c.down_since) AS down_since,
                coalesce(max(c.checked_at) FILTER (WHERE NOT c.works) > max(c.checked_at) FILTER (WHERE c.works), true)
                    AS ends_down,
                count(*) FILTER (WHERE c.works <> c.worked_before) AS transitions,
                count(*) FILTER (WHERE c.works AND NOT c.worked_before AND c.down_since > c.first_at) AS repairs,
                sum(extract(epoch FROM c.checked_at - c.down_since))
                    FILTER (WHERE c.works AND NOT c.worked_before AND c.down_since > c.first_at) AS repair_seconds
            FROM (
                SELECT t.*, min(t.checked_at) FILTER (WHERE t.works IS NOT NULL) OVER () AS first_at,
                    max(t.checked_at) FILTER (WHERE NOT t.works AND t.worked_before IS NOT false)
                        OVER (PARTITION BY t.works IS NULL ORDER BY t.checked_at) AS down_since
                FROM (
                    SELECT v.*, lag(v.works) OVER (PARTITION BY v.works IS NULL ORDER BY v.checked_at) AS worked_before
                    FROM (
                        SELECT s.tenant_id, s.checked_at, s.status, s.in_maintenance,
                            CASE WHEN s.in_maintenance OR s.status = 'unknown' THEN NULL
                                ELSE s.status <> 'unhealthy' END AS works
                        FROM hub.health_checks AS s
                        WHERE s.integration_id = due.integration_id AND s.checked_at >= due.hour
                            AND s.checked_at < due.ends_at
                    ) AS v
                ) AS t
            ) AS c
            HAVING count(*) > 0
        ) AS sums LEFT JOIN LATERAL (
            SELECT array_agg(l.bucket ORDER BY l.bucket) AS buckets, array_agg(l.count ORDER BY l.bucket) AS counts
            FROM (
                SELECT hub.latency_bucket(s.latency_ms) AS bucket, count(*)::smallint AS count
                FROM hub.health_checks AS s
                WHERE s.integration_id = due.integration_id AND s.checked_at >= due.hour
                    AND s.checked_at < due.ends_at AND NOT s.in_maintenance AND s.status <> 'unknown'
                GROUP BY 1
            ) AS l
        ) AS sketch ON true
        ON CONFLICT (integration_id, hour) DO UPDATE SET healthy = excluded.healthy, degraded = excluded.degraded,
            unhealthy = excluded.unhealthy, unknown = excluded.unknown, first_at = excluded.first_at,
            up_at = excluded.up_at, down_since = excluded.down_since, transitions = excluded.transitions,
            repairs = excluded.repairs, repair_seconds = excluded.repair_seconds,
            latency_buckets = excluded.latency_buckets, latency_counts = excluded.latency_counts
        RETURNING old.integration_id
    ), moved AS (
        UPDATE hub.roll_up AS r
        SET hour = CASE WHEN done.count < wanted THEN place.hour + interval '1 hour' ELSE place.hour END,
            after = CASE WHEN done.count < wanted THEN '00000000-0000-0000-0000-000000000000' ELSE done.last END
        FROM place, (
            SELECT count(*) AS count, (array_agg(b.integration_id ORDER BY b.integration_id DESC))[1] AS last
            FROM batch AS b
        ) AS done
        WHERE place.hour + interval '65 minutes' <= now()
        RETURNING r.hour
    )
    SELECT (SELECT count(*) FROM written), EXISTS (SELECT FROM moved) OR EXISTS (SELECT FROM late);
END;
