"""Write infra/docs/rights.md: `make rights`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter

import psycopg

from tests.deployment.rights import COLUMNS, Rights, rights_of
from tests.deployment.table_rights import ROLES, callable_functions, table_rights
from tests.support.databases import _cluster
from tests.support.sam import ROOT, processed

__all__ = ["PAGE", "page"]

PAGE = ROOT / "infra" / "docs" / "rights.md"
_HEAD = """# Rights

Written by `make rights` from what CloudFormation makes of `template.yaml`, and from a migrated database; a test compares.
What is not here is not allowed. Each function has a role of its own.

## On AWS
`<stack>` is the stack's name. *Outside*: the function may open connections beyond AWS and the database. Beside these a
function writes its log and its trace. Secrets under `hub/` are the tenants' for their providers: only the connectors'
functions read them. Secrets under `hub-alerts/` sign alerts.

"""
_ROLES = """
`hub_migrator` is the role that migrates. Functions log in to RDS Proxy by IAM; the passwords behind it are read by the
proxy alone, and written into the database by `MigrateDatabaseFunction`, whose settings hold them.

## In the database
Row-level security holds `hub_api` to the tenant of its transaction. The others see rows of tenants through definer
functions only.

"""
_CALLS = """
## Definer functions
What each does, and for whom: its file in `shared/integrations_hub/storage/migrations/functions`.

"""


def page(connection: psycopg.Connection) -> str:
    """Return the page, with the database's part as this connection sees it."""
    return "".join([_HEAD, *_aws(rights_of(processed())), _ROLES, *_tables(connection), _CALLS, *_calls(connection)])


def _aws(functions: Mapping[str, Rights]) -> Iterator[str]:
    yield from _row("function", *COLUMNS, "outside")
    yield from _row(*["---"] * (len(COLUMNS) + 2))
    for name, rights in functions.items():
        may = (", ".join(f"`{one}`" for one in sorted(rights.of(column))) for column in COLUMNS)
        yield from _row(f"`{name}`", *may, "yes" if rights.outside else "")


def _tables(connection: psycopg.Connection) -> Iterator[str]:
    yield from _row("table", *(f"`{role}`" for role in ROLES))
    yield from _row(*["---"] * (len(ROLES) + 1))
    for table, group in groupby(table_rights(connection), attrgetter("table")):
        said = {one.role: str(one) for one in group}
        yield from _row(f"`{table}`", *(said[role] for role in ROLES))


def _calls(connection: psycopg.Connection) -> Iterator[str]:
    yield from _row("role", "may call")
    yield from _row("---", "---")
    for role, names in callable_functions(connection).items():
        yield from _row(f"`{role}`", ", ".join(f"`{name}`" for name in names))


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    for cluster in _cluster(None):
        with cluster.fresh().connect("postgres") as admin:
            PAGE.write_text(page(admin))
