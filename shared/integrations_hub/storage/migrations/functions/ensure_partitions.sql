-- Make the partitions of yesterday, today and so many days ahead; returns how many were made.
-- Called by hub_worker at each sweep and by hub_maintenance. Runs as the tables' owner, since nobody else may attach
-- a partition. ATTACH takes a weaker lock than CREATE … PARTITION OF; who cannot have it in 2 s tries later.
CREATE OR REPLACE FUNCTION hub.ensure_partitions(days integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp SET lock_timeout = '2s'
AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    day date;
    part text;
    made bigint := 0;
BEGIN
    FOR ahead IN -1..least(greatest(days, 0), 60) LOOP
        day := today + ahead;
        part := 'health_checks_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN EXISTS (
            SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'hub_parts' AND c.relname = part);
        BEGIN
            EXECUTE format('CREATE TABLE hub_parts.%I (LIKE hub.health_checks INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
                ' INCLUDING STORAGE)', part);
            EXECUTE format('ALTER TABLE hub_parts.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE hub.health_checks ATTACH PARTITION hub_parts.%I FOR VALUES FROM (%L) TO (%L)',
                part, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
            made := made + 1;
        EXCEPTION WHEN duplicate_table OR unique_violation THEN
            NULL; -- another session made it meanwhile
        END;
    END LOOP;
    RETURN made;
END $$;
