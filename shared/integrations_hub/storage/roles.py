"""The database's roles: who owns, who logs in, who a definer function runs as. Made by `migrate`, as on RDS.

The migrating role is no superuser: it may create roles (CREATEROLE) and makes itself a member of those it works as.
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection, sql

__all__ = ["DEFINER_ROLES", "LOGIN_ROLES", "OWNER", "ensure_roles", "ensure_schemas", "set_passwords"]

OWNER = "hub_owner"
DEFINER_ROLES = ("hub_claim", "hub_record", "hub_audit", "hub_deliver", "hub_keep", "hub_ingress")
LOGIN_ROLES = ("hub_api", "hub_worker", "hub_maintenance")
_LIMITS = {
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "5s",
    "statement_timeout": "10s",
    "timezone": "UTC",
    "jit": "off",  # compiling a claim takes longer than claiming
}


def ensure_roles(connection: Connection[tuple[object, ...]]) -> None:
    """Make the roles that are missing and give the login roles their limits; safe to repeat."""
    found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'hub\\_%'").fetchall()
    existing = {name for (name,) in found}
    for role in (OWNER, *DEFINER_ROLES, *LOGIN_ROLES):
        name = sql.Identifier(role)
        if role not in existing:
            login = sql.SQL("LOGIN" if role in LOGIN_ROLES else "NOLOGIN")
            connection.execute(sql.SQL("CREATE ROLE {} {}").format(name, login))
        if role not in LOGIN_ROLES:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
    for role in LOGIN_ROLES:
        for limit, value in _LIMITS.items():
            change = sql.SQL("ALTER ROLE {} SET {} = {}")
            connection.execute(change.format(sql.Identifier(role), sql.Identifier(limit), sql.Literal(value)))


def ensure_schemas(connection: Connection[tuple[object, ...]]) -> None:
    """Make the two schemas; login roles may use the first and see nothing of the second."""
    users = sql.SQL(", ").join(map(sql.Identifier, (*LOGIN_ROLES, *DEFINER_ROLES)))
    for schema in ("hub", "hub_parts"):
        made = sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}")
        connection.execute(made.format(sql.Identifier(schema), sql.Identifier(OWNER)))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA hub TO {}").format(users))
    database = sql.Identifier(connection.info.dbname)
    logins = sql.SQL(", ").join(map(sql.Identifier, LOGIN_ROLES))
    may_grant = "SELECT has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION')"
    if connection.execute(may_grant).fetchone() == (True,):
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, logins))


def set_passwords(connection: Connection[tuple[object, ...]], passwords: Mapping[str, str]) -> None:
    """Set passwords as SCRAM verifiers: the passwords themselves never reach the server, nor its log.

    Raises:
        ValueError: a name is no login role of ours.
    """
    strangers = sorted(set(passwords) - set(LOGIN_ROLES))
    if strangers:
        raise ValueError(f"{', '.join(strangers)}: passwords can be set for {', '.join(LOGIN_ROLES)} only")
    for role, password in passwords.items():
        verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
