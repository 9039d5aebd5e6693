"""Two tenants with canaries in every column a caller can fill: what one of them must never see of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.hub import API, Answer, Hub

__all__ = ["Planted", "attackers_own", "everything_of", "nothing_of", "planted", "victim"]

_TABLES = (
    "integrations",
    "integration_health",
    "health_checks",
    "health_hours",
    "audit_logs",
    "audit_heads",
    "outbox",
    "consumers",
    "idempotency_keys",
    "webhooks",
    "webhook_deliveries",
    "rests",
    "tenant_settings",
    "deliveries",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A tenant's integrations, some in use and one deleted; `marks` is what must never reach anybody else."""

    tenant: str
    kept: str
    deleted: str
    marks: frozenset[bytes]


@pytest.fixture(scope="module")
def victim(hub: Hub) -> Planted:
    """Plant the victim's canaries, with dependents, history, an idempotency key and a credential that ends soon."""
    return planted(hub, "victim")


@pytest.fixture(scope="module")
def attackers_own(hub: Hub) -> Planted:
    """Give the attacker records of its own: an answer that is empty for want of rows would prove nothing."""
    return planted(hub, "attacker")


def planted(hub: Hub, tenant: str) -> Planted:
    """Register three Harbors, have the first read and checked, and delete the last."""
    mark = f"canary-of-{tenant}"
    client = hub.client(tenant, subject=f"{mark}-program")
    ids = [
        client.call("POST", json=_body(mark, nth), headers={"Idempotency-Key": f"{mark}-key-{nth}"}).json()["id"]
        for nth in (1, 2, 3)
    ]
    hub.client(tenant, subject=f"{mark}-reader").call("GET", "/by-type/harbor")
    assert client.call("POST", f"/{ids[0]}/health-check").status == 200
    assert client.call("DELETE", f"/{ids[2]}?force=true").status == 204
    ends = "UPDATE hub.integration_health SET credential_ends_at = now() + interval '1 day' WHERE tenant_id = %s"
    hub.rows(ends, tenant)
    hour = """
        INSERT INTO hub.health_hours VALUES (%s, date_trunc('hour', now()) - interval '2 h', now(), now(), NULL, 0, 0, 0,
            1, 0, 0, 0, %s, '{77}', '{1}')"""
    hub.rows(hour, ids[0], tenant)
    secret_ref = f"authref://file/{mark}-hook"
    hub.rows("INSERT INTO hub.webhooks VALUES (%s, %s, %s, %s)", tenant, ids[0], secret_ref, secret_ref)
    rest = (
        "INSERT INTO hub.rests SELECT tenant_id, target, auth_ref_uri, '2100-01-01' FROM hub.integrations WHERE id = %s"
    )
    hub.rows(rest, ids[0])
    delivery = "INSERT INTO hub.webhook_deliveries VALUES (%s, %s, sha256(%s), gen_random_uuid(), %s)"
    hub.rows(delivery, tenant, ids[0], mark.encode(), mark)
    routes = {"name": "own", "channel": "webhook", "url": f"https://{mark}.invalid", "secretRef": secret_ref}
    settings = client.call("PUT", "/settings", json={"requireTestReceipt": True, "alertRoutes": [routes]})
    assert settings.status == 200, settings.body
    hub.rows("SELECT hub.route_events('{log}', 1000)")
    return Planted(tenant, ids[0], ids[2], frozenset({mark.encode(), *(one.encode() for one in ids)}))


def nothing_of(victim: Planted, answer: Answer, sent: str = "") -> None:
    """Look for the victim in every byte; the id the caller sent may stand in `instance`, which is its own path."""
    heard = answer.body + repr(dict(answer.headers)).encode()
    own = heard.replace(f"{API}/{sent or victim.kept}".encode(), b"")
    assert not [mark for mark in victim.marks if mark in own]
    assert answer.status != 500


def everything_of(hub: Hub, tenant: str) -> Mapping[str, Any]:
    """Return all a tenant has, as the superuser sees it, and which transaction wrote it: a rewrite shows, too."""
    query = "SELECT xmin::text AS written_by, * FROM hub.{} WHERE tenant_id = %s ORDER BY 2, 3"
    return {table: hub.rows(query.format(table), tenant) for table in _TABLES}


def _body(mark: str, nth: int) -> dict[str, Any]:
    return {
        "type": "harbor",
        "name": f"{mark}-name-{nth}",
        "config": {"endpoint": f"https://{mark}-host-{nth}.invalid"},
        "authRefUri": f"authref://file/{mark}-path-{nth}",
        "tags": [f"{mark}-tag"],
        "maintenance": [{"from": "2030-01-01T00:00:00Z", "until": "2030-01-02T00:00:00Z", "reason": mark}],
    }
