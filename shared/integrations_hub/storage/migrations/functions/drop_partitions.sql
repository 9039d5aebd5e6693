-- Drop the partitions of checks that end at or before a time; returns how many. Called by hub_maintenance.
-- Runs as the tables' owner. Never those of the last 7 days, whatever it is asked.
CREATE OR REPLACE FUNCTION hub.drop_partitions(before timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp SET lock_timeout = '2s'
AS $$
DECLARE
    last date := (least(before, now() - interval '7 days') AT TIME ZONE 'UTC')::date;
    part text;
    dropped bigint := 0;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'hub_parts' AND c.relkind = 'r' AND c.relname ~ '^health_checks_[0-9]{8}$'
            AND c.relname < 'health_checks_' || to_char(last, 'YYYYMMDD')
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE hub_parts.%I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
