-- Give leases back unused: what they were for is due as it was. Called by hub_worker.
CREATE OR REPLACE FUNCTION hub.give_back(ids uuid[], leases uuid[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT l.integration_id FROM unnest(ids, leases) AS mine(id, lease)
            JOIN hub.integration_health AS l ON l.integration_id = mine.id AND l.lease = mine.lease
        ORDER BY l.integration_id
        FOR UPDATE OF l
    ), given AS (
        UPDATE hub.integration_health AS h SET lease = NULL, claimed_at = NULL, lease_until = NULL
        FROM held WHERE h.integration_id = held.integration_id
        RETURNING 1
    )
    SELECT count(*) FROM given;
END;
