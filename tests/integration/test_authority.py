"""The development Authority over real HTTP."""

import json
import stat
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from local.authority import Authority, Client, RunningServer, serve
from local.authority.keys import LONGEST_TTL_S, KeyStore

SECRET = "not-a-real-secret-1"
CLIENTS = [
    Client("deployer", SECRET, tenants=("acme",), scopes=("integration:read", "integration:operate")),
    Client("anyone", SECRET),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Authority, RunningServer]]:
    authority = Authority(tmp_path_factory.mktemp("state"), clients=CLIENTS)
    server = serve(authority)
    yield authority, server
    server.stop()


def call(
    server: RunningServer, method: str, path: str, form: Any = None, **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    body = form if isinstance(form, str) else urlencode(form) if form else None
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})
    answer = connection.getresponse()
    result = answer.status, json.loads(answer.read()), dict(answer.getheaders())
    connection.close()
    return result


def ask(
    running: tuple[Authority, RunningServer], path: str = "/oauth/token", **form: str
) -> tuple[int, dict[str, Any]]:
    usual = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": SECRET}
    status, body, _ = call(running[1], "POST", path, {**usual, **form})
    return status, body


def decode(running: tuple[Authority, RunningServer], token: str, audience: str = "integrations-hub") -> dict[str, Any]:
    authority, server = running
    keys = jwt.PyJWKSet.from_dict(call(server, "GET", "/.well-known/jwks.json")[1])
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["RS256", "ES256"], audience=audience, issuer=authority.issuer
    )
    return claims


def test_the_discovery_leads_to_keys_and_tokens(running: tuple[Authority, RunningServer]) -> None:
    # When
    status, found, headers = call(running[1], "GET", "/.well-known/openid-configuration")
    # Then
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert found["issuer"] == running[1].url
    assert found["jwks_uri"] == running[1].url + "/.well-known/jwks.json"
    assert found["token_endpoint"] == running[1].url + "/oauth/token"


def test_only_public_halves_are_published(running: tuple[Authority, RunningServer]) -> None:
    keys = call(running[1], "GET", "/.well-known/jwks.json")[1]["keys"]
    assert {(key["kty"], key["alg"]) for key in keys} == {("RSA", "RS256"), ("EC", "ES256")}
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in keys for name in key}


@pytest.mark.parametrize("path", ["/oauth/token", "/token"])
def test_client_credentials(running: tuple[Authority, RunningServer], path: str) -> None:
    status, answer = ask(running, path, scope="integration:read", tenant="acme")
    claims = decode(running, answer["access_token"])
    assert (status, answer["token_type"], answer["scope"]) == (200, "Bearer", "integration:read")
    assert (claims["sub"], claims["client_id"], claims["stellaops:tenant"], claims["scope"]) == (
        "deployer",
        "deployer",
        "acme",
        "integration:read",
    )
    assert claims["exp"] - claims["iat"] == answer["expires_in"] == 900
    assert {"nbf", "jti"} <= claims.keys()


def test_the_only_tenant_and_all_scopes_are_what_a_client_gets_unasked(
    running: tuple[Authority, RunningServer],
) -> None:
    claims = decode(running, ask(running)[1]["access_token"])
    assert (claims["stellaops:tenant"], claims["scope"]) == ("acme", "integration:read integration:operate")


def test_http_basic(running: tuple[Authority, RunningServer]) -> None:
    basic = "Basic " + b64encode(f"anyone:{SECRET}".encode()).decode()
    status, answer, _ = call(
        running[1], "POST", "/token", {"grant_type": "client_credentials", "tenant": "zeta"}, Authorization=basic
    )
    assert status == 200
    assert decode(running, answer["access_token"])["stellaops:tenant"] == "zeta"


def test_one_token_for_both_audiences(running: tuple[Authority, RunningServer]) -> None:
    token = ask(running, audience="stella-platform integrations-hub")[1]["access_token"]
    assert decode(running, token, "stella-platform")["aud"] == ["stella-platform", "integrations-hub"]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"scope": "integration:read integration:admin"}, 400, "invalid_scope"),
        ({"audience": "elsewhere"}, 400, "invalid_target"),
        ({"audience": ""}, 400, "invalid_target"),
        ({"tenant": "other"}, 400, "invalid_request"),
        ({"client_id": "anyone"}, 400, "invalid_request"),
        ({"client_id": "anyone", "tenant": "../acme"}, 400, "invalid_request"),
    ],
    ids=str,
)
def test_refusals(running: tuple[Authority, RunningServer], form: dict[str, str], status: int, error: str) -> None:
    answered, body = ask(running, **form)
    assert (answered, body["error"]) == (status, error)
    assert SECRET not in str(body)


def test_a_parameter_given_twice_is_refused(running: tuple[Authority, RunningServer]) -> None:
    assert call(running[1], "POST", "/token", "tenant=a&tenant=b")[1]["error"] == "invalid_request"


def test_a_broken_basic_header_is_refused(running: tuple[Authority, RunningServer]) -> None:
    for value in ("Basic", "Basic ?", "Basic AAAA", "Basic //8="):
        assert call(running[1], "POST", "/token", {"a": "b"}, Authorization=value)[0] == 401


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/token"), ("POST", "/.well-known/jwks.json"), ("GET", "/keys.json")]
)
def test_there_is_nothing_else(running: tuple[Authority, RunningServer], method: str, path: str) -> None:
    assert call(running[1], method, path)[0] == 404


def test_state_survives_a_restart_and_is_its_owners_alone(tmp_path: Path) -> None:
    # Given
    state = tmp_path / "authority"
    token = Authority(state, issuer="http://127.0.0.1:8081").mint("acme")
    # When
    again = Authority(state, issuer="http://127.0.0.1:8081")
    # Then
    key = jwt.PyJWKSet.from_dict(again.keys.published())[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, algorithms=["RS256"], audience="integrations-hub")["stellaops:tenant"] == "acme"
    assert again.clients["hub-dev"].secret == Authority(state).clients["hub-dev"].secret
    assert {stat.S_IMODE(file.stat().st_mode) for file in state.iterdir()} == {0o600}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_neither_clients_nor_keys_show_what_they_keep(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys.json")
    assert SECRET not in repr(CLIENTS)
    assert keys.current("RS256").pem[40:80] not in repr(keys.current("RS256"))


def test_a_retired_key_stays_published_while_its_tokens_can_live(tmp_path: Path) -> None:
    # Given
    now = [1_700_000_000.0]
    keys = KeyStore(tmp_path / "keys.json", clock=lambda: now[0])
    old = keys.current("ES256").kid
    # When
    keys.rotate()
    # Then
    assert keys.current("ES256").kid != old
    assert old in [key["kid"] for key in keys.published()["keys"]]
    now[0] += LONGEST_TTL_S
    assert old not in [key["kid"] for key in keys.published()["keys"]]


def test_no_token_outlives_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most"):
        Authority(tmp_path).mint("acme", ttl=LONGEST_TTL_S + 1)
