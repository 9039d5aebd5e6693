-- Send deliveries again that were given up: these, or all of a destination; returns how many. Each begins anew with its
-- attempts and keeps its event's id. Called by hub_worker, for the operator.
CREATE OR REPLACE FUNCTION hub.replay_dead_letters(ids uuid[], whither text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    WITH again AS (
        UPDATE hub.deliveries AS d SET dead_at = NULL, attempts = 0, next_attempt_at = now()
        WHERE d.dead_at IS NOT NULL AND (d.id = ANY (ids) OR d.destination = whither)
        RETURNING 1
    )
    SELECT count(*) FROM again;
END;
