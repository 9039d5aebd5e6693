-- Make the partitions of rolled-up hours from the first month that is still to be rolled up to so many months ahead;
-- returns how many were made. Called by hub_maintenance. Runs as the tables' owner, as ensure_partitions does.
CREATE OR REPLACE FUNCTION hub.ensure_hour_partitions(months integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp SET lock_timeout = '2s'
AS $$
DECLARE
    month timestamp := date_trunc('month', (SELECT least(r.hour, now()) AT TIME ZONE 'UTC' FROM hub.roll_up AS r));
    last timestamp := now() AT TIME ZONE 'UTC' + make_interval(months => least(greatest(months, 0), 12));
    part text;
    made bigint := 0;
BEGIN
    WHILE month <= last LOOP
        part := 'health_hours_' || to_char(month, 'YYYYMM');
        IF to_regclass('hub_parts.' || part) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE TABLE hub_parts.%I (LIKE hub.health_hours INCLUDING DEFAULTS'
                    ' INCLUDING CONSTRAINTS INCLUDING STORAGE)', part);
                EXECUTE format('ALTER TABLE hub_parts.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
                EXECUTE format('ALTER TABLE hub.health_hours ATTACH PARTITION hub_parts.%I FOR VALUES FROM (%L) TO (%L)',
                    part, month::text || '+00', (month + interval '1 month')::text || '+00');
                made := made + 1;
            EXCEPTION WHEN duplicate_table OR unique_violation THEN
                NULL; -- another session made it meanwhile
            END;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;
