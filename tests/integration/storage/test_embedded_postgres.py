"""The embedded PostgreSQL: real, private, and forgiving of crashes."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from local.postgres import DATABASE, EmbeddedPostgres, EmbeddedPostgresError
from local.postgres_host import find_binaries


@pytest.fixture(scope="module")
def folder():
    made = Path(tempfile.mkdtemp(prefix="hub test "))  # a space, on purpose
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def server(folder):
    with EmbeddedPostgres(folder / "state") as made:
        made.bootstrap_cluster()
        yield made


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    with psycopg.connect(server.dsn("postgres", server.password("postgres"), "postgres")) as connection:
        data = connection.execute("SHOW data_directory").fetchone()[0]
    return psutil.Process(int((Path(data) / "postmaster.pid").read_text().splitlines()[0]))


def test_it_listens_on_a_private_socket_and_on_nothing_else(server):
    with psycopg.connect(server.dsn("postgres", server.password("postgres"), "postgres")) as connection:
        listens = connection.execute("SHOW listen_addresses").fetchone()[0]
        host = connection.info.host
    assert listens == ""
    assert stat.S_IMODE(Path(host).stat().st_mode) == 0o700
    assert not postmaster(server).net_connections("inet")


def test_passwords_are_needed_and_kept_where_only_we_read(server, folder):
    for role in ("postgres", "hub_migrator"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn(role, "not-the-password", DATABASE))
    kept = folder / "state" / "postgres-passwords.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with psycopg.connect(server.dsn("postgres", server.password("postgres"), "postgres")) as connection:
        rules = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("scram-sha-256",)]


def test_the_migrator_is_no_superuser_and_owns_the_database(server):
    with psycopg.connect(server.bootstrap_cluster()) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert (rights, owner) == ((False, False, True), ("hub_migrator",))


def test_a_second_start_says_who_is_there(server, folder):
    with pytest.raises(EmbeddedPostgresError, match=f"as process {postmaster(server).pid}"):
        EmbeddedPostgres(folder / "state").start()


def test_a_killed_server_starts_again_with_its_data(folder):
    # Given
    first = EmbeddedPostgres(folder / "killed")
    first.start()
    first.bootstrap_cluster()
    process = postmaster(first)
    os.kill(process.pid, signal.SIGKILL)
    first.stop()
    assert (folder / "killed" / "postgres" / "data" / "postmaster.pid").exists()
    # When
    with EmbeddedPostgres(folder / "killed") as second, psycopg.connect(second.bootstrap_cluster()) as connection:
        # Then
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_finished_set_up_is_begun_again(folder):
    half = folder / "half" / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with EmbeddedPostgres(folder / "half") as server:
        assert postmaster(server).is_running()
    assert not half.exists()


def test_a_long_path_gets_a_short_private_socket_that_goes_away(folder):
    # Given
    server = EmbeddedPostgres(folder / ("long" * 30))
    # When
    with server:
        with psycopg.connect(server.bootstrap_cluster()) as connection:
            socket = Path(connection.info.host)
        # Then
        assert not socket.is_relative_to(folder)
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()


def test_stopping_ends_the_process_and_stopping_twice_is_fine(folder):
    server = EmbeddedPostgres(folder / "stopped")
    server.start()
    process = postmaster(server)
    server.stop()
    server.stop()
    assert not process.is_running()
    with pytest.raises(EmbeddedPostgresError, match="start it first"):
        server.dsn("postgres", "x")


def test_a_folder_without_postgresql_is_refused_with_a_sentence(folder):
    with pytest.raises(EmbeddedPostgresError, match="name the folder that holds"):
        EmbeddedPostgres(folder / "none", bin_dir=folder).start()


def test_a_setting_it_cannot_start_with_is_told(folder):
    server = EmbeddedPostgres(folder / "broken", settings={"max_connections": "many"})
    with pytest.raises(EmbeddedPostgresError, match="max_connections"):
        server.start()


def test_binaries_may_lie_in_a_folder_closed_to_others(folder, tmp_path):
    # Given an installation under a folder only root may enter, as a virtual environment in root's home is
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installed = find_binaries(None)
    for wanted in (installed.parent, installed.parents[1].with_name(f"{installed.parents[1].name}.libs")):
        if wanted.is_dir():
            shutil.copytree(wanted, closed / wanted.relative_to(installed.parents[2]), symlinks=True)
    # When
    with EmbeddedPostgres(folder / "closed", bin_dir=closed.joinpath(*installed.parts[-3:])) as server:
        # Then it serves, and nothing of ours was opened for others
        server.bootstrap_cluster()
        assert closed.stat().st_mode & 0o077 == 0
