"""A whole hub with strangers' connectors in it: found, listed, caged; it answers everybody else while they rage."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.cages import CANARY, install_hostile, left_behind
from tests.support.functions import lambda_event, load_function
from tests.support.hub import API, Client, Hub, outside_folder, running_hub
from tests.support.strangers import install, toy

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the cage's walls are Linux's: run `make test` on Linux"
)


@pytest.fixture(scope="module")
def plugins() -> Iterator[Path]:
    with outside_folder() as folder:
        install_hostile(folder)
        install(folder, "broken-connector", "raise RuntimeError")
        yield folder


@pytest.fixture(scope="module")
def hub(plugins: Path) -> Iterator[Hub]:
    with outside_folder() as folder, running_hub(folder, PLUGIN_PATHS=str(plugins)) as running:
        yield running
    assert left_behind(plugins) == []


def attack(me: Client, attack: str, **marks: Any) -> dict[str, Any]:
    """Register a hostile integration, have it checked, and return the answer."""
    body = {"type": "hostile", "name": attack, "config": {"attack": attack, "marks": marks}}
    created = me.call("POST", json=body)
    assert created.status == 201, created.body
    checked: dict[str, Any] = me.call("POST", f"/{created.json()['id']}/health-check").json()
    return checked


def discover(hub: Hub) -> Any:
    return hub.client("acme").call("POST", "/plugins/discover").json()


def test_a_deployment_finds_strangers_and_says_which_walls_stand(me: Client):
    listed = me.call("GET", "/plugins").json()
    trusts = {one["type"]: one["trust"] for one in listed["items"]}
    assert trusts["hostile"] == "untrusted"
    assert trusts["harbor"] == "built-in"
    assert listed["isolation"]["strangers"] == "confined"
    assert listed["isolation"]["missing"] == []
    assert {"system-calls", "files", "limits"} <= set(listed["isolation"]["walls"])
    assert "hostile_connector" not in sys.modules


def test_discovery_reports_what_changed_on_both_runtimes(hub: Hub, plugins: Path):
    function = load_function("discover_plugins")

    def by_lambda() -> Any:
        event = lambda_event("POST", f"{API}/plugins/discover", tenant="acme")
        return json.loads(function.lambda_handler(event, None)["body"])

    nothing: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    for run, name in ((lambda: discover(hub), "late-one"), (by_lambda, "late-two")):
        still = run()
        assert {key: still[key] for key in nothing} == nothing
        assert "RuntimeError" in still["rejected"]["broken-connector"]
        package = install(plugins, name, toy(name))
        assert run()["added"] == [name]
        (package / "__init__.py").write_text(toy(name).replace("1.0.0", "1.1.0"))
        assert run()["changed"] == [name]
        (package / "__init__.py").write_text(toy(name).replace("1.0.0", "1.1.0") + "#")
        assert run()["changed"] == [name]  # by its files alone
        (package / "__init__.py").write_text(toy("harbor"))
        assert "duplicate type harbor" in run()["rejected"][name]
        shutil.rmtree(package)
        shutil.rmtree(plugins / f"{package.name}-1.0.dist-info")
        assert run()["removed"] == [name]


def test_a_warm_hub_answers_from_what_it_has_found(hub: Hub, me: Client, plugins: Path):
    install(plugins, "unseen", toy("unseen"))
    assert me.call("POST", json={"type": "unseen", "name": "early", "config": {}}).status == 422
    assert discover(hub)["added"] == ["unseen"]
    assert me.call("POST", json={"type": "unseen", "name": "now", "config": {}}).status == 201


def test_the_hub_answers_others_while_strangers_rage(hub: Hub, me: Client, plugins: Path):
    rage = {
        "hang": "timeout",
        "loop": "timeout",
        "ignore_being_cancelled": "timeout",
        "take_memory": "connector_crashed",
        "flood_output": "connector_crashed",
        "flood_the_hub": "connector_crashed",
        "fork_bomb": "connector_crashed",
        "leave_with_code": "connector_crashed",
    }
    other = hub.client("bystander")
    with ThreadPoolExecutor(len(rage)) as pool:
        results = {name: pool.submit(attack, me, name) for name in rage}
        answered = 0
        while not all(one.done() for one in results.values()):
            registered = other.register(f"calm-{answered}")
            assert other.call("GET", f"/{registered['id']}").status == 200
            assert other.call("POST", f"/{registered['id']}/health-check").json()["status"] == "healthy"
            answered += 1
            time.sleep(0.5)  # a tenant has 60 checks a minute
    assert answered >= 3
    assert {name: one.result()["reason"] for name, one in results.items()} == rage
    assert left_behind(plugins) == []


def test_nothing_of_the_hub_is_seen_through_its_own_api(hub: Hub, me: Client):
    (hub.state / "secrets" / "tenants").mkdir(exist_ok=True)
    secret = hub.state / "secrets" / "tenants" / "other"
    secret.write_text(CANARY)
    for path in (str(secret), str(hub.state), "/proc/self/environ", "/etc/passwd"):
        told = json.dumps(attack(hub.client(f"t{abs(hash(path))}"), "read_file", path=path))
        assert "connector_crashed" in told
        assert CANARY not in told
        assert "PermissionError" in told
