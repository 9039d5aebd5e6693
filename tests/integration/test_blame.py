"""Blame, on real parts: forty-three integrations behind one dead vault are one alert, and one recovery wakes them all."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator

import pytest

from integrations_hub.plugins.registry import Plugins
from tests.support.hub import ALL, Client, Hub, outside_folder, running_hub
from tests.support.openbao import ROOT_TOKEN, OpenBao, open_bao
from tests.support.strangers import install, toy

TENANTS = ("acme", "globex", "initech")
INCIDENTS = "SELECT * FROM hub.outbox WHERE tenant_id = '-' ORDER BY created_at, sequence"


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    with open_bao() as running:
        yield running


@pytest.fixture(scope="module")
def hub(bao: OpenBao) -> Iterator[Hub]:
    """Run a hub whose secrets are in the vault, with a connector that needs one and is content with any."""
    path, modules = list(sys.path), set(sys.modules)
    with outside_folder() as folder:
        install(folder / "plugins", "toy-content", toy("content"))
        (digest,) = [one.sha256 for one in Plugins([folder / "plugins"]).scan() if one.plugin_id == "toy-content"]
        vault = {"url": bao.url, "login": {"method": "token", "token": ROOT_TOKEN}}
        settings = {
            "PLUGIN_PATHS": str(folder / "plugins"),
            "PLUGIN_ALLOW_LIST": f"toy-content@{digest}",
            "SECRET_BACKENDS": json.dumps({"vault": vault}),
        }
        with running_hub(folder, **settings) as running:
            yield running
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        sys.modules.pop(name, None)


def registered(client: Client, count: int) -> None:
    for nth in range(count):
        body = {"type": "content", "name": f"n{nth}", "config": {}, "authRefUri": f"authref://vault/team/{nth}"}
        assert client.call("POST", json=body).status == 201


def statuses(hub: Hub) -> set[tuple[str, str]]:
    items = [one for name in TENANTS for one in hub.client(name).call("GET", "?page_size=100").json()["items"]]
    assert len(items) == 43
    return {(one["status"], one["reason"]) for one in items}


def due_now(hub: Hub) -> None:
    """Let the time pass until every check is due."""
    hub.rows("UPDATE hub.integration_health SET next_check_at = now() WHERE next_check_at > now()")
    hub.sweep()


def test_one_dead_vault_is_one_alert_and_its_recovery_wakes_everybody(hub: Hub, bao: OpenBao) -> None:
    # Given
    for name, count in zip(TENANTS, (20, 20, 3), strict=True):
        registered(hub.client(name, ALL), count)
        for nth in range(count):
            bao.write(f"tenants/{name}/team/{nth}", token="not-a-real-secret-1")
    # When the vault hangs
    bao.process.send_signal(signal.SIGSTOP)
    try:
        hub.sweep()
        due_now(hub)
    finally:
        bao.process.send_signal(signal.SIGCONT)
    # Then
    assert statuses(hub) == {("unknown", "secret_unavailable")}
    (alert,) = hub.rows(INCIDENTS)
    assert (alert["type"], alert["severity"], alert["data"]["cause"]) == (
        "hub.incident_opened",
        "alert",
        "backend:vault",
    )
    assert not hub.rows("SELECT 1 FROM hub.outbox WHERE tenant_id <> '-' AND severity = 'alert'")
    # When it answers again
    hub.sweep()
    # Then
    _, recovery = hub.rows(INCIDENTS)
    assert (recovery["type"], recovery["severity"]) == ("hub.incident_closed", "recovery")
    waves = hub.rows("SELECT count(*) AS soon, count(DISTINCT next_check_at) AS moments FROM hub.integration_health"
                     " WHERE next_check_at < now() + interval '67 seconds'")  # fmt: skip
    assert waves[0]["soon"] == 43
    assert waves[0]["moments"] > 20  # spread, not at once
    due_now(hub)
    assert statuses(hub) == {("healthy", "ok")}
    assert len(hub.rows(INCIDENTS)) == 2


def test_secrets_that_are_not_there_alert_once_in_their_tenant_and_recover(hub: Hub, bao: OpenBao) -> None:
    client = hub.client("hooli", ALL)
    registered(client, 3)
    hub.sweep()
    due_now(hub)
    told = "SELECT severity, data ->> 'cause' AS cause FROM hub.outbox WHERE tenant_id = 'hooli' AND type = 'integration.health_changed'"
    changed = hub.rows(f"{told} ORDER BY created_at, sequence")
    assert [one for one in changed if one["severity"] == "alert"] == [{"severity": "alert", "cause": "secret:vault"}]
    # what is not there is remembered for minutes, as what is: others are named
    for one in client.call("GET").json()["items"]:
        bao.write(f"tenants/hooli/team/new-{one['name']}", token="not-a-real-secret-1")
        body = {"type": "content", "name": one["name"], "config": {}}
        body["authRefUri"] = f"authref://vault/team/new-{one['name']}"
        assert client.call("PUT", f"/{one['id']}", json=body).status == 200
    due_now(hub)
    assert {one["status"] for one in client.call("GET").json()["items"]} == {"healthy"}
    assert len(hub.rows(f"{told} AND severity = 'recovery'")) == 1
