"""Tenants' settings on PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.errors import PreconditionFailed
from integrations_hub.events.routes import AlertRoute
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row
from integrations_hub.storage.rows import jsonb
from integrations_hub.storage.unit_of_work import audit_statement
from integrations_hub.tenants.model import TenantSettings

__all__ = ["PostgresTenants"]


class PostgresTenants:
    """Reads in one round trip, writes in two (`tenants.ports.TenantStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Read and write as hub_api."""
        self._connections = connections

    def get(self, tenant: str) -> TenantSettings:
        """Return a tenant's settings; their defaults where there are none."""
        (rows,) = self._connections.read(tenant, (sql.GET_SETTINGS, {"tenant": tenant}))
        return _settings_of(rows[0]) if rows else TenantSettings()

    def replace(
        self, caller: Caller, wanted: TenantSettings, if_version: int | None, entry: AuditEntry
    ) -> TenantSettings:
        """Write them with the audit entry, as the version after the present one."""
        named = {"tenant": caller.tenant}
        with self._connections.session() as session:
            *_, (row,) = session.send(
                ("BEGIN", {}), (sql.SET_TENANT, named), (sql.MAKE_SETTINGS, named), (sql.LOCK_SETTINGS, named)
            )
            present = int(row["version"])
            if if_version not in (None, present):
                raise PreconditionFailed(
                    f"They have changed since: the version is now {present}. Read them again and repeat the change."
                )
            written = {
                "require_test_receipt": wanted.require_test_receipt,
                "alert_routes": jsonb([asdict(route) for route in wanted.alert_routes]),
                "updated_at": wanted.updated_at,
            }
            session.send((sql.PUT_SETTINGS, named | written), audit_statement(caller, entry), ("COMMIT", {}))
        return TenantSettings(wanted.require_test_receipt, wanted.alert_routes, present + 1, wanted.updated_at)


def _settings_of(row: Row) -> TenantSettings:
    lists = ("events", "severities", "types", "tags")
    routes = [AlertRoute(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in row["alert_routes"]]
    return TenantSettings(row["require_test_receipt"], tuple(routes), row["version"], row["updated_at"])
