"""What each login role may do in a migrated database, as PostgreSQL itself says it: tables, columns, definer functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg

__all__ = ["ROLES", "TableRights", "callable_functions", "table_rights"]

ROLES = ("hub_api", "hub_worker", "hub_maintenance")
_TABLES = """
SELECT r.role, c.relname AS table,
    has_table_privilege(r.role, c.oid, 'DELETE') AS delete,
    has_table_privilege(r.role, c.oid, 'TRUNCATE') AS truncate,
    array_agg(a.attname::text ORDER BY a.attnum) AS columns,
    array_remove(array_agg(CASE WHEN has_column_privilege(r.role, c.oid, a.attnum, 'SELECT') THEN a.attname::text END), NULL) AS select,
    array_remove(array_agg(CASE WHEN has_column_privilege(r.role, c.oid, a.attnum, 'INSERT') THEN a.attname::text END), NULL) AS insert,
    array_remove(array_agg(CASE WHEN has_column_privilege(r.role, c.oid, a.attnum, 'UPDATE') THEN a.attname::text END), NULL) AS update
FROM unnest(%s::text[]) AS r (role)
CROSS JOIN pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'hub'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY r.role, c.relname, c.oid ORDER BY c.relname, r.role
"""
_FUNCTIONS = """
SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'hub'::regnamespace AND p.prosecdef
    AND has_function_privilege(%s, p.oid, 'EXECUTE') ORDER BY 1
"""


@dataclass(frozen=True)
class TableRights:
    """A role and a table: the columns of each privilege."""

    role: str
    table: str
    delete: bool
    truncate: bool
    columns: list[str]
    select: list[str]
    insert: list[str]
    update: list[str]

    def __str__(self) -> str:
        """Return it as the page shows it."""
        said = [
            f"{verb}{'' if len(own) == len(self.columns) else f' ({len(own)} of {len(self.columns)} columns)'}"
            for verb, own in (("select", self.select), ("insert", self.insert), ("update", self.update))
            if own
        ]
        return ", ".join([*said, *(["delete"] if self.delete else [])])

    def forbidden(self) -> Iterator[str]:
        """Yield a statement for each thing that is not allowed, columns one by one."""
        name = f"hub.{self.table}"
        yield from (f"SELECT {column} FROM {name}" for column in self.columns if column not in self.select)
        yield from (
            f"INSERT INTO {name} ({column}) VALUES (NULL)" for column in self.columns if column not in self.insert
        )
        yield from (f"UPDATE {name} SET {column} = NULL" for column in self.columns if column not in self.update)
        if not self.delete:
            yield f"DELETE FROM {name}"
        if not self.truncate:
            yield f"TRUNCATE {name}"


def table_rights(connection: psycopg.Connection) -> list[TableRights]:
    """Return every role's rights on every table."""
    with connection.cursor(row_factory=psycopg.rows.class_row(TableRights)) as cursor:
        return cursor.execute(_TABLES, [list(ROLES)]).fetchall()


def callable_functions(connection: psycopg.Connection) -> Mapping[str, list[str]]:
    """Return the definer functions each role may call."""
    return {role: [name for (name,) in connection.execute(_FUNCTIONS, [role]).fetchall()] for role in ROLES}
