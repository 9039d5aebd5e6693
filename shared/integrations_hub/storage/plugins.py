"""The installed connectors on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from integrations_hub.catalog.plugin import PluginRecord, PluginReport, PluginState, Trust
from integrations_hub.connector.contract import CredentialNeed
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row, Statement
from integrations_hub.storage.rows import jsonb

__all__ = ["PostgresPlugins", "compared"]


class PostgresPlugins:
    """Keeps `plugin_metadata` (`catalog.plugin.PluginStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Read and write as hub_api."""
        self._connections = connections

    def sync(self, found: Sequence[PluginRecord]) -> PluginReport:
        """Make the table say exactly what was found; one transaction, one discovery at a time."""
        with self._connections.session() as session:
            *_, rows = session.send(("BEGIN", {}), (sql.LOCK_PLUGINS, {}), (sql.ALL_PLUGINS, {}))
            known = {record.plugin_id: record for record in map(_record_of, rows)}
            report, changes = compared(known, found)
            upserts: list[Statement] = [(sql.UPSERT_PLUGIN, _row_of(record)) for record in changes]
            removals: list[Statement] = [(sql.REMOVE_PLUGIN, {"plugin_id": plugin_id}) for plugin_id in report.removed]
            session.send(*upserts, *removals, ("COMMIT", {}))
        return report

    def active(self) -> Sequence[PluginRecord]:
        """Return the plugins in use, by type."""
        (rows,) = self._connections.run((sql.ACTIVE_PLUGINS, {}))
        return [_record_of(row) for row in rows]


def compared(
    known: dict[str, PluginRecord], found: Sequence[PluginRecord]
) -> tuple[PluginReport, Sequence[PluginRecord]]:
    """Return what a discovery changed, and the records to write. Pure; both stores follow it.

    Of several with one id the one in use is kept: whoever is rejected takes nothing away from it.
    """
    rejected = [record for record in found if record.state is PluginState.REJECTED]
    seen = {record.plugin_id: record for record in (*rejected, *(one for one in found if one not in rejected))}
    gone = [one.plugin_id for one in known.values() if one.state is not PluginState.REMOVED]
    is_new = {i for i in seen if i not in known or known[i].state is PluginState.REMOVED}
    changes = [record for plugin_id, record in seen.items() if record != known.get(plugin_id)]
    report = PluginReport(
        added=sorted(i for i in is_new if seen[i].state is PluginState.ACTIVE),
        changed=sorted(r.plugin_id for r in changes if r.plugin_id not in is_new and r.state is PluginState.ACTIVE),
        removed=sorted(set(gone) - set(seen)),
        rejected={r.plugin_id: r.rejected_reason or "" for r in sorted(rejected, key=lambda r: r.plugin_id)},
    )
    return report, changes


def _row_of(record: PluginRecord) -> dict[str, object]:
    lists = {"capabilities": list(record.capabilities), "config_schema": jsonb(record.config_schema)}
    return asdict(record) | lists


def _record_of(row: Row) -> PluginRecord:
    words = {
        "state": PluginState(row["state"]),
        "trust": Trust(row["trust"]),
        "credential": CredentialNeed(row["credential"]),
        "capabilities": tuple(row["capabilities"]),
    }
    return PluginRecord(**{**row, **words})
