"""Run SQL text as it is written: SQLAlchemy would read `:name` and psycopg `%` in it."""

from __future__ import annotations

from typing import cast

from psycopg import Connection as PsycopgConnection
from sqlalchemy import Connection

__all__ = ["run_sql"]


def run_sql(connection: Connection, text: str) -> None:
    """Send statements without parameters, in the migration's transaction."""
    driver = cast("PsycopgConnection[object]", connection.connection.driver_connection)
    driver.execute(text.encode())
