"""What an administrator sees of the secret backends, and what anybody is told who names one that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.hub import Hub, draft, outside_folder, running_hub
from tests.support.openbao import ROOT_TOKEN, OpenBao, open_bao

READING = 'path "secret/data/tenants/*" { capabilities = ["read"] }'
ALIASES = ["azure-kv", "env", "files", "gone", "reads", "vault"]


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    with open_bao() as server:
        server.policy("hub", READING)
        yield server


@pytest.fixture(scope="module")
def hub(bao: OpenBao) -> Iterator[Hub]:
    token = bao.token(policies=["hub"], ttl="1h")
    with outside_folder() as folder:
        backends = {
            "vault": {"url": bao.url, "login": {"method": "token", "token": ROOT_TOKEN}},
            "reads": {"kind": "vault", "url": bao.url, "login": {"method": "token", "token": token}},
            "gone": {"kind": "vault", "url": "http://127.0.0.1:9", "login": {"method": "token", "token": token}},
            "azure-kv": {"vault_url": "https://hub.vault.azure.net.invalid"},
            "files": {"kind": "file", "root": str(folder / "secrets")},
            "env": {},
        }
        with running_hub(folder, SECRET_BACKENDS=json.dumps(backends), HTTPS_PROXY="http://127.0.0.1:9") as running:
            yield running


def test_an_administrator_sees_which_there_are_which_answer_and_where_the_hub_could_write(hub: Hub) -> None:
    answer = hub.client(scopes=["integration:admin"]).call("GET", "/secret-backends")

    assert answer.status == 200
    assert answer.json() == {
        "items": [
            {"alias": "azure-kv", "kind": "azure-kv", "reachable": False, "writable": None},
            {"alias": "env", "kind": "env", "reachable": True, "writable": False},
            {"alias": "files", "kind": "file", "reachable": True, "writable": True},
            {"alias": "gone", "kind": "vault", "reachable": False, "writable": None},
            {"alias": "reads", "kind": "vault", "reachable": True, "writable": False},
            {"alias": "vault", "kind": "vault", "reachable": True, "writable": True},
        ]
    }


def test_it_is_told_no_address_no_path_and_nobody_else(hub: Hub, bao: OpenBao) -> None:
    body = hub.client(scopes=["integration:admin"]).call("GET", "/secret-backends").body.decode()
    assert not [mark for mark in (bao.url, "127.0.0.1", ".net", str(hub.state), ROOT_TOKEN) if mark in body.split('"')]

    others = ["integration:read", "integration:write", "integration:operate", "integration:audit"]
    assert hub.client(scopes=others).call("GET", "/secret-backends").status == 403
    assert hub.call("GET", "/api/v1/integrations/secret-backends").status == 401


@pytest.mark.parametrize("path", ["", "/test"])
def test_an_unknown_alias_is_answered_with_the_known_ones(hub: Hub, path: str) -> None:
    body = draft(type="harbor", config={"endpoint": "https://harbor.example"}, authRefUri="authref://hsm/harbor")

    answer = hub.client().call("POST", path, json=body)

    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/authRefUri"
    assert error["detail"].endswith(f"known are: {', '.join(ALIASES)}")
