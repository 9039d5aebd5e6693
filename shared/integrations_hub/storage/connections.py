"""Connections to PostgreSQL: a small pool whose connections are borrowed exclusively, and pipelines over them.

Nothing is opened before the first statement, and there is no thread: importing and serving may happen in different
processes, and a snapshot may be taken between. Nothing outlives a transaction (no SET, no prepared statement), so a
transaction pooler may stand in between.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from sys import intern
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, RowMaker
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

from integrations_hub.errors import StorageUnavailable
from integrations_hub.storage import statements as sql
from integrations_hub.storage.faults import translated, unavailable

__all__ = ["Connections", "Row", "Session", "Statement"]

Row = dict[str, Any]
Statement = tuple[LiteralString, Mapping[str, object]]
"""A statement and its parameters."""

_CONNECT_LIMIT_S = 3
_WAIT_LIMIT_S = 5.0
_DAYS_AHEAD = 2


class Session:
    """One connection, borrowed: statements go out in pipelines, each of which is one round trip."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[DictRow]], kept: psycopg.Connection[DictRow] | None
    ) -> None:
        """Take a kept connection, or none to begin with."""
        self._connect = connect
        self._connection = kept
        self._may_be_dead = kept is not None

    def send(self, *statements: Statement) -> list[list[Row]]:
        """Send statements as one pipeline and return the rows of each.

        A kept connection may have died meanwhile: when the first pipeline finds out, it is repeated on a fresh one,
        once. Later ones never are.

        Raises:
            HubError: as `faults.translated` has it.
        """
        with translated():
            return self._sent(statements)

    def _sent(self, statements: tuple[Statement, ...]) -> list[list[Row]]:
        if self._connection is None:
            self._connection = self._connect()
        try:
            rows = _pipelined(self._connection, statements)
        except psycopg.OperationalError:
            if not (self._may_be_dead and self._connection.closed):
                raise
            self._may_be_dead = False
            self._connection = self._connect()
            rows = _pipelined(self._connection, statements)
        self._may_be_dead = False
        return rows

    def end(self) -> psycopg.Connection[DictRow] | None:
        """Undo what was not committed; return the connection when it can be kept."""
        connection = self._connection
        if connection is None or connection.closed:
            return None
        try:
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
            return None
        return connection


class Connections:
    """A pool of at most `size` connections of one role; last in, first out."""

    def __init__(
        self, dsn: str, *, size: int, password: Callable[[], str] | None = None, wait_s: float = _WAIT_LIMIT_S
    ) -> None:
        """Remember where to connect.

        `password` is asked at each connect: an RDS IAM token lives 15 minutes. Who finds all connections in use waits
        at most `wait_s` seconds.
        """
        # psycopg warns of statements that were aborted behind the one whose error is raised anyway
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        self._dsn = dsn
        self._password = password
        self._wait_s = wait_s
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._kept: list[psycopg.Connection[DictRow]] = []
        self._generation = 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Borrow a connection; whatever it did and did not commit is undone at the end.

        Raises:
            StorageUnavailable: all connections stayed in use.
        """
        if not self._free.acquire(timeout=self._wait_s):
            raise unavailable("All database connections are busy. Repeat the request.", 1)
        try:
            with self._lock:
                generation = self._generation
                kept = self._kept.pop() if self._kept else None
            session = Session(self._open, kept)
            try:
                yield session
            finally:
                self._keep(session.end(), generation)
        finally:
            self._free.release()

    def run(self, *statements: Statement) -> list[list[Row]]:
        """Send statements as one pipeline and one transaction of their own: one round trip."""
        with self.session() as session:
            return session.send(*statements)

    def read(self, tenant: str, *statements: Statement) -> list[list[Row]]:
        """Send a tenant's statements, as `run`; row-level security holds them to the tenant."""
        return self.run((sql.SET_TENANT, {"tenant": tenant}), *statements)[1:]

    def ready(self) -> bool:
        """Tell whether the database answers and has room for the checks of today and two days ahead."""
        try:
            ((days,),) = self.run((sql.PARTITIONS_AHEAD, {"days": _DAYS_AHEAD}))
        except StorageUnavailable:
            return False
        return bool(days["days"] > _DAYS_AHEAD)

    def close(self) -> None:
        """Drop every connection, those in use when they come back: for the end, and for a restored snapshot."""
        with self._lock:
            self._generation += 1
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def _open(self) -> psycopg.Connection[DictRow]:
        dsn = make_conninfo(self._dsn, password=self._password()) if self._password else self._dsn
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            prepare_threshold=None,
            row_factory=_rows,
            connect_timeout=_CONNECT_LIMIT_S,
        )
        if connection.info.parameter_status("TimeZone") != "UTC":
            connection.execute("SET TIME ZONE 'UTC'")  # PGTZ in the environment goes before what the role says
        set_json_loads(from_json, connection)  # four times as fast as the standard library's
        return connection

    def _keep(self, connection: psycopg.Connection[DictRow] | None, generation: int) -> None:
        if connection is None:
            return
        with self._lock:
            if generation == self._generation:
                self._kept.append(connection)
                return
        connection.close()


def _rows(cursor: psycopg.Cursor[Any]) -> RowMaker[Row]:
    """Make dictionaries, as `dict_row` does, whose names are interned: a call with `**row` then costs half."""
    names = [intern(column.name) for column in cursor.description or ()]
    return lambda values: dict(zip(names, values, strict=True))


def _pipelined(connection: psycopg.Connection[DictRow], statements: tuple[Statement, ...]) -> list[list[Row]]:
    """Run statements in one pipeline; fetched after it ends, because fetching inside costs a round trip more."""
    with connection.pipeline():
        cursors = [connection.execute(text, parameters) for text, parameters in statements]
    return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
