"""Make, change and take back the definer functions of a revision, each in the hands of the role it runs as."""

from __future__ import annotations

from sqlalchemy import Connection

from integrations_hub.storage.migrations.functions import Definer, earlier, made_in, source
from integrations_hub.storage.migrations.run import run_sql
from integrations_hub.storage.roles import OWNER

__all__ = ["make_definers", "unmake_definers"]


def make_definers(connection: Connection, revision: str) -> None:
    """Bring the functions of a revision to its form."""
    for definer in made_in(revision):
        _make(connection, definer, earlier(definer))


def unmake_definers(connection: Connection, revision: str) -> None:
    """Bring the functions of a revision to the form they had before, those it made to none."""
    for definer in reversed(made_in(revision)):
        before = earlier(definer)
        if before:
            _make(connection, before, definer)
        else:
            run_sql(connection, f"DROP FUNCTION hub.{definer.signature}")


def _make(connection: Connection, definer: Definer, present: Definer | None) -> None:
    if present and (definer.returns_more or present.returns_more):
        run_sql(connection, ";\n".join(("RESET ROLE", f"DROP FUNCTION hub.{present.signature}", f"SET ROLE {OWNER}")))
    elif present and present.owner != OWNER:  # replaced in our own hands: other functions' bodies name it
        taken = ("RESET ROLE", f"ALTER FUNCTION hub.{present.signature} OWNER TO {OWNER}", f"SET ROLE {OWNER}")
        run_sql(connection, ";\n".join(taken))
    run_sql(connection, source(definer))
    run_sql(connection, _handed_over(definer))


def _handed_over(definer: Definer) -> str:
    """Return what gives a function to the role it runs as, and the right to call it to nobody else."""
    signature, owner = definer.signature, definer.owner
    lines = [
        f"REVOKE ALL ON FUNCTION hub.{signature} FROM PUBLIC",
        *(f"GRANT EXECUTE ON FUNCTION hub.{signature} TO {caller}" for caller in definer.callers),
    ]
    if owner != OWNER:  # a new owner must be able to create in the schema, for that moment
        lines += [
            f"GRANT CREATE ON SCHEMA hub TO {owner}",
            "RESET ROLE",
            f"ALTER FUNCTION hub.{signature} OWNER TO {owner}",
            f"SET ROLE {OWNER}",
            f"REVOKE CREATE ON SCHEMA hub FROM {owner}",
        ]
    return ";\n".join(lines)
