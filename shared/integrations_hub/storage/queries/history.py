"""What checks add up to: from the rows of whole hours, and from the checks since the last of those.

A check is read as an hour of one check, so that one sum serves both. An integration's hours are rolled up in their
order: its last row says where its checks begin to count.
"""

from __future__ import annotations

from sqlalchemy import text

__all__ = ["SPARKLINE", "WINDOWS"]

# coalesce() stands within its subquery: outside, row-level security would keep the comparison from the index.
# A window begins with a full hour. A check without a verdict (unknown) counts as a check and for nothing else.
_SEGMENTS = """\
WITH span AS MATERIALIZED (
    SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => {hours}) AS since
), rolled AS MATERIALIZED (
    SELECT h.hour, h.healthy, h.degraded, h.unhealthy, h.unknown, h.first_at, h.up_at, h.down_since, h.transitions,
        h.repairs, h.repair_seconds, h.latency_buckets, h.latency_counts
    FROM hub.health_hours AS h
    WHERE h.tenant_id = :tenant AND h.integration_id = :id AND h.hour >= (SELECT since FROM span)
), segments AS MATERIALIZED (
    SELECT hour AS begins_at, * FROM rolled
    UNION ALL
    SELECT c.checked_at, date_trunc('hour', c.checked_at, 'UTC'), (c.status = 'healthy')::integer,
        (c.status = 'degraded')::integer, (c.status = 'unhealthy')::integer, (c.status = 'unknown')::integer,
        CASE WHEN c.status <> 'unknown' THEN c.checked_at END,
        CASE WHEN c.status IN ('healthy', 'degraded') THEN c.checked_at END,
        CASE WHEN c.status = 'unhealthy' THEN c.checked_at END, 0, 0, 0,
        CASE WHEN c.status <> 'unknown' THEN ARRAY[hub.latency_bucket(c.latency_ms)] END, ARRAY[1::smallint]
    FROM hub.health_checks AS c
    WHERE c.tenant_id = :tenant AND c.integration_id = :id AND NOT c.in_maintenance
        AND c.checked_at >= (SELECT coalesce(max(hour) + interval '1 hour', (SELECT since FROM span)) FROM rolled)
)"""

# The q-quantile of n latencies is the one at place q * (n - 1) of their order, rounded down: in the first bucket that
# more than so many do not pass.
_QUANTILES = """\
SELECT hub.bucket_latency(min(b.bucket) FILTER (WHERE b.upto > 0.5 * (b.total - 1))) AS p50,
    hub.bucket_latency(min(b.bucket) FILTER (WHERE b.upto > 0.95 * (b.total - 1))) AS p95
FROM (
    SELECT l.bucket, sum(sum(l.count)) OVER (ORDER BY l.bucket) AS upto, sum(sum(l.count)) OVER () AS total
    FROM segments AS s CROSS JOIN LATERAL unnest(s.latency_buckets, s.latency_counts) AS l(bucket, count)
    WHERE {these} AND l.bucket IS NOT NULL GROUP BY l.bucket
) AS b"""

# An outage lasts from its first failing check, or the first of the window, to the next that works, however many hours
# lie between; one still open has no repair time yet. `since` is when the last one began before a segment.
_WINDOWS = """\
{segments}
SELECT asked.hours, sums.checks, sums.uptime_percent, latency.p50 AS latency_p50_ms, latency.p95 AS latency_p95_ms,
    sums.mttr_seconds, sums.transitions
FROM unnest(CAST(:hours AS integer[])) WITH ORDINALITY AS asked(hours, nth)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.healthy + o.degraded + o.unhealthy + o.unknown), 0)::bigint AS checks,
        (100.0 * sum(o.healthy + o.degraded) / nullif(sum(o.healthy + o.degraded + o.unhealthy), 0))::double precision
            AS uptime_percent,
        ((sum(o.repair_seconds) + coalesce(sum(extract(epoch FROM o.repaired)), 0))
            / nullif(sum(o.repairs) + count(o.repaired), 0))::double precision AS mttr_seconds,
        (coalesce(sum(o.transitions), 0)
            + count(*) FILTER (WHERE o.was_down <> (o.up_at IS DISTINCT FROM o.first_at)))::bigint AS transitions
    FROM (
        SELECT d.*, CASE
            WHEN d.was_down THEN d.up_at - max(d.opened)
                OVER (ORDER BY d.begins_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            WHEN d.first_at < d.up_at THEN d.up_at - d.first_at
        END AS repaired
        FROM (
            SELECT w.*, CASE WHEN (w.was_down AND w.up_at IS NULL) IS NOT TRUE THEN w.down_since END AS opened
            FROM (
                SELECT s.*, lag(s.down_since IS NOT NULL)
                    OVER (PARTITION BY s.first_at IS NULL ORDER BY s.begins_at) AS was_down
                FROM segments AS s
                WHERE s.hour >= date_trunc('hour', now(), 'UTC') - make_interval(hours => asked.hours)
            ) AS w
        ) AS d
    ) AS o
) AS sums
CROSS JOIN LATERAL (
{quantiles}
) AS latency
ORDER BY asked.nth"""
WINDOWS = text(
    _WINDOWS.format(
        segments=_SEGMENTS.format(hours="(SELECT max(one) FROM unnest(CAST(:hours AS integer[])) AS one)"),
        quantiles=_QUANTILES.format(
            these="s.hour >= date_trunc('hour', now(), 'UTC') - make_interval(hours => asked.hours)"
        ),
    )
)

_SPARKLINE = """\
{segments}
SELECT asked.hour AS starts_at, CASE WHEN sums.unhealthy > 0 THEN 'unhealthy' WHEN sums.degraded > 0 THEN 'degraded'
        WHEN sums.healthy > 0 THEN 'healthy' WHEN sums.unknown > 0 THEN 'unknown' END AS status,
    latency.p95 AS latency_p95_ms
FROM generate_series((SELECT since FROM span), date_trunc('hour', now(), 'UTC'), interval '1 hour') AS asked(hour)
CROSS JOIN LATERAL (
    SELECT sum(s.healthy) AS healthy, sum(s.degraded) AS degraded, sum(s.unhealthy) AS unhealthy,
        sum(s.unknown) AS unknown
    FROM segments AS s WHERE s.hour = asked.hour
) AS sums
CROSS JOIN LATERAL (
{quantiles}
) AS latency
ORDER BY asked.hour"""
SPARKLINE = text(
    _SPARKLINE.format(
        segments=_SEGMENTS.format(hours=":points - 1"), quantiles=_QUANTILES.format(these="s.hour = asked.hour")
    )
)
