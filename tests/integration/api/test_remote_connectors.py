"""The API where no function of it carries a connector: `run_connector` is a process of its own, as on Knative."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integrations_hub import bootstrap
from local.runner.data_folder import free_port
from tests.support.connector_hosts import KEY
from tests.support.hub import ALL, Client, Hub, outside_folder, running_hub
from tests.support.served_function import Served, served_function

SCRIPT = {"script": [{"do": "healthy"}], "projects": ["a", "b"]}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port(0)


@pytest.fixture(scope="module")
def hub(port: int) -> Iterator[Hub]:
    address = f"http://127.0.0.1:{port}/"
    remote = {"CONNECTOR_TYPES": "in-memory,harbor", "CONNECTOR_URL": address, "CONNECTOR_CALL_KEY": KEY}
    public = {"PUBLIC_URL": "https://hub.example", "CHECK_SINK_URL": address}
    bootstrap.reset()
    with outside_folder() as folder, running_hub(folder, **remote, **public) as running:
        yield running
        assert bootstrap._connectors.built is None  # no connector was looked for, let alone run
    bootstrap.reset()


@contextmanager
def run_connector(hub: Hub, port: int) -> Iterator[Served]:
    given = ("WORKER_DATABASE_URL", "SECRET_BACKENDS", "DEVELOPMENT_SECRETS", "CONNECTOR_CALL_KEY")
    environment = {name: os.environ[name] for name in given}
    with served_function("run_connector", hub.state, environment, port) as served:
        yield served


def discovered(hub: Hub) -> dict[str, Any]:
    answer = hub.client("operators", ALL).call("POST", "/plugins/discover")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def plugins(me: Client) -> dict[str, Any]:
    found: dict[str, Any] = me.call("GET", "/plugins").json()
    return found


def test_while_nobody_answers_every_endpoint_says_so_and_what_was_known_stays(hub: Hub, port: int, me: Client) -> None:
    # Given a deployment whose functions are not there yet
    assert plugins(me)["items"] == []
    assert set(discovered(hub)["rejected"]) == {"function of harbor", "function of in-memory"}
    assert me.call("GET", "/secret-backends").status == 503
    away = me.call("POST", json={"type": "in-memory", "name": "one", "config": SCRIPT})
    assert (away.status, away.json()["code"]) == (503, "unavailable")
    assert "cannot be reached" in away.json()["detail"]
    # When they come
    with run_connector(hub, port):
        came = discovered(hub)
        walls = plugins(me)["isolation"]
        backends = me.call("GET", "/secret-backends").json()["items"]
    # Then they are listed, and stay listed when they are away again
    assert came["rejected"] == {}
    assert came["added"] == ["integrations-hub-connector-harbor", "integrations-hub-connector-in-memory"]
    assert [(one["alias"], one["reachable"]) for one in backends] == [("file", True)]
    assert walls["strangers"] in {"confined", "refused"}
    assert set(discovered(hub)["rejected"]) == {"function of harbor", "function of in-memory"}
    assert [one["type"] for one in plugins(me)["items"]] == ["harbor", "in-memory"]
    # And what is surely wrong is told without them
    wrong = me.call("POST", json={"type": "in-memory", "name": "one", "config": {"projects": 7, "nothing": 1}})
    assert wrong.status == 422
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"/config/projects", "/config/nothing"}
    pasted = me.call("POST", json={"type": "harbor", "name": "one", "config": {"endpoint": "https://a:b@example.org"}})
    assert (pasted.status, pasted.json()["errors"][0]["pointer"]) == (422, "/config/endpoint")
    unknown = me.call("POST", json={"type": "github", "name": "one", "config": {}})
    assert unknown.json()["errors"] == [{"pointer": "/type", "detail": "must be one of: harbor, in-memory"}]


def test_an_integrations_life_over_http(hub: Hub, port: int, me: Client) -> None:
    with run_connector(hub, port):
        discovered(hub)
        # registered, changed, tested, checked
        made = me.register("one", config=SCRIPT)
        changed = me.call("PUT", f"/{made['id']}", json={"type": "in-memory", "name": "two", "config": SCRIPT})
        assert changed.status == 200
        tested = me.call(
            "POST", "/test", json={"type": "in-memory", "name": "x", "config": {"script": [{"do": "expired"}]}}
        )
        assert tested.json()["reason"] == "credential_rejected"
        assert me.call("POST", f"/{made['id']}/health-check").json()["status"] == "healthy"
        # what it has, and what it tells
        page = me.call("GET", f"/{made['id']}/resources?kind=projects").json()
        assert [one["name"] for one in page["items"]] == ["a", "b"]
        assert me.call("GET", f"/{made['id']}/resources?kind=nothings").status == 422
        assert delivered(hub, me, made["id"]) == [401, 202, 409]


def delivered(hub: Hub, me: Client, made: str) -> list[int]:
    """Set up a webhook; return what a delivery without proof, the first, and the same again are answered."""
    secret = "not-a-real-webhook-secret"
    tenant = me.call("GET", "/audit").json()["items"][0]["tenantId"]
    place = hub.state / "secrets" / tenant
    place.mkdir(parents=True, exist_ok=True)
    (place / "hook").write_text(secret)
    stands = me.call("POST", f"/{made}/webhook", json={"webhookSecretRef": "authref://file/hook"})
    assert stands.status == 200, stands.body
    signed = {"X-Signature-256": f"sha256={hmac.new(secret.encode(), b'{}', 'sha256').hexdigest()}"}
    path = f"/api/v1/integrations/{made}/events"
    sent: list[dict[str, str]] = [{}, signed, signed]
    return [
        hub.call("POST", path, body=b"{}", headers={"Content-Type": "application/json", **one}).status for one in sent
    ]


def test_the_sweep_sends_and_the_function_checks(hub: Hub, port: int, me: Client) -> None:
    with run_connector(hub, port):
        discovered(hub)
        made = me.register("swept", config={"script": [{"do": "unhealthy"}]})
        hub.sweep()
        # posting the event has waited for the check
        health = me.call("GET", f"/{made['id']}/health").json()
        assert health["latest"]["reason"] == "server_error", health
