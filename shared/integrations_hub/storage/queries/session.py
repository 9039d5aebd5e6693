"""What goes before a tenant's statements, and the question whether there is room for tomorrow's checks."""

from __future__ import annotations

from sqlalchemy import text

__all__ = ["PARTITIONS_AHEAD", "SET_LOCK_TIMEOUT", "SET_TENANT"]

SET_TENANT = text("SELECT set_config('app.tenant_id', :tenant, true)")

SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :lock_timeout, true)")

PARTITIONS_AHEAD = text("""\
SELECT count(*) AS days FROM generate_series(0, :days) AS ahead
JOIN pg_catalog.pg_class AS c
    ON c.relname = 'health_checks_' || to_char((now() AT TIME ZONE 'UTC')::date + ahead, 'YYYYMMDD')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'hub_parts'""")
