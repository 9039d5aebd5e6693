"""Alembic's door: one connection, given by `migrate`, one transaction for the whole way, as the schema's owner."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table="schema_version",
    version_table_schema="hub",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
