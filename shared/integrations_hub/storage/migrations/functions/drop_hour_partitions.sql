-- Drop the partitions of rolled-up hours that end at or before a time; returns how many. Called by hub_maintenance.
-- Runs as the tables' owner. Never those of the last 31 days, nor what is still to be rolled up, whatever it is asked.
CREATE OR REPLACE FUNCTION hub.drop_hour_partitions(before timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp SET lock_timeout = '2s'
AS $$
DECLARE
    last timestamptz := least(before, now() - interval '31 days', (SELECT r.hour FROM hub.roll_up AS r));
    part text;
    dropped bigint := 0;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'hub_parts' AND c.relkind = 'r' AND c.relname ~ '^health_hours_[0-9]{6}$'
            AND c.relname < 'health_hours_' || to_char(last AT TIME ZONE 'UTC', 'YYYYMM')
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE hub_parts.%I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
