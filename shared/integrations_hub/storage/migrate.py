"""Bring a database to a revision, from whatever it is at; safe to repeat and from two processes at once.

Runs as a role that may create roles and schemas and is no superuser. Roles belong to the cluster and are shared by its
databases: going down leaves them, and the two empty schemas, where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from integrations_hub.storage.roles import OWNER, ensure_roles, ensure_schemas, set_passwords

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["downgrade", "migrate"]

_LOCK = 0x6875625F  # "hub_": any number, as long as every release agrees
_LONGEST_WAIT_FOR_A_TABLE = "10s"


def migrate(
    dsn: str,
    *,
    passwords: Mapping[str, str] | None = None,
    revision: str = "head",
    own_password: Callable[[], str] | None = None,
) -> str:
    """Make roles, schemas and tables, and set the given login roles' passwords; return the revision reached.

    `own_password` makes the migrating role's, where the DSN holds none.

    Raises:
        psycopg.Error: the database is away, or the role may not create roles or schemas.
        ValueError: a password for a role that is not ours.
    """
    if own_password is not None:
        dsn = make_conninfo(dsn, password=own_password())
    with _alone(dsn):
        with psycopg.connect(dsn) as connection:
            ensure_roles(connection)
            ensure_schemas(connection)
            set_passwords(connection, passwords or {})
        return _run(dsn, "upgrade", revision)


def downgrade(dsn: str, revision: str = "base") -> str:
    """Go back to a revision, losing what later ones keep; return it (empty at the very beginning)."""
    with _alone(dsn):
        return _run(dsn, "downgrade", revision)


@contextmanager
def _alone(dsn: str) -> Iterator[None]:
    """Hold the migration lock, on a connection of its own; another process waits here until we are done."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def _run(dsn: str, direction: str, revision: str) -> str:
    from alembic import command  # noqa: PLC0415 - only a migration pays for Alembic and SQLAlchemy
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT_FOR_A_TABLE}'")
        connection.exec_driver_sql(f"SET ROLE {OWNER}")
        config = _config()
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)
        reached = MigrationContext.configure(
            connection, opts={"version_table": "schema_version", "version_table_schema": "hub"}
        )
        return reached.get_current_revision() or ""


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
