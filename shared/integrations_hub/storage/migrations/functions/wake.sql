-- Bring checks forward: of the integrations named, and of those whose last check failed by a cause; to so many seconds
-- from now, and spread over so many more by a hash of the id. Paused ones stay paused, and what a provider asked us to wait for is waited for.
-- Returns how many. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.wake(ids uuid[], of_cause text, after_s double precision, spread_s double precision) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH asleep AS MATERIALIZED (
        SELECT a.integration_id, greatest(a.retry_after_until, now() + make_interval(
            secs => after_s + spread_s * (hashtextextended(a.integration_id::text, 0) & 1023) / 1024)) AS wake_at
        FROM hub.integration_health AS a
        WHERE (a.integration_id = ANY (ids) OR a.cause = of_cause) AND a.next_check_at IS NOT NULL
        ORDER BY a.integration_id
        FOR UPDATE
    ), woken AS (
        UPDATE hub.integration_health AS h SET next_check_at = least(h.next_check_at, asleep.wake_at), look_at = NULL
        FROM asleep WHERE h.integration_id = asleep.integration_id
        RETURNING 1
    )
    SELECT count(*) FROM woken;
END;
