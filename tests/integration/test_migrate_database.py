"""The function that migrates: in a process of its own, with the settings a deployment gives it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, runpy
print(json.dumps(runpy.run_path("functions/migrate_database/main.py")["lambda_handler"]({}, None)))
"""
LOGINS = ("hub_api", "hub_worker", "hub_maintenance")


def run(database, passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "OWNER_DATABASE_URL": database.dsn("hub_migrator"),
        "DATABASE_URL": database.dsn("hub_api"),
        "LOGIN_PASSWORDS": json.dumps(passwords),
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_it_gives_the_login_roles_their_passwords_and_registers_what_is_installed(cluster) -> None:
    # Given
    database = cluster.fresh(migrated=False)
    with database.connect("postgres") as admin:
        for role in LOGINS:
            admin.execute(f"ALTER ROLE {role} PASSWORD 'another-one'")
    with pytest.raises(psycopg.OperationalError):
        database.connect("hub_api")
    # When
    done = run(database, {role: database.server.password(role) for role in LOGINS})
    # Then
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["revision"]
    assert told["connectors"]["rejected"] == {}
    assert len(told["connectors"]["added"]) >= len(("github", "gitlab", "harbor", "docker-registry"))
    for role in LOGINS:
        database.connect(role).close()
    with database.connect("postgres") as admin:
        types = {name for (name,) in admin.execute("SELECT type FROM hub.plugin_metadata").fetchall()}
    assert {"github", "gitlab", "harbor", "docker-registry"} <= types
    assert database.server.password("hub_api") not in done.stdout + done.stderr


def test_it_sets_no_password_of_a_role_that_is_not_the_hubs(cluster) -> None:
    # Given
    database = cluster.fresh(migrated=False)
    # When
    done = run(database, {"postgres": "an-obviously-fake-password"})
    # Then
    assert done.returncode != 0
    assert "passwords can be set for hub_api, hub_worker, hub_maintenance only" in done.stderr
    assert "an-obviously-fake-password" not in done.stdout + done.stderr
