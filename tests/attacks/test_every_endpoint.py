"""Every endpoint, as the functions declare it, against callers who may not: generated, so a new one is in it by itself.

Two tenants hold canaries (`tests.support.canaries`). Whatever the other one sends, no canary of the victim's and none
of its ids, but the one the caller sent itself, comes back in any byte.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from hmac import digest
from time import time
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations_hub.web.routing import NoBody, Route
from local.openapi import routes
from tests.support.canaries import Planted, everything_of, nothing_of
from tests.support.hub import ALL, Answer, Hub, draft

ROUTES = {route.name: route for route in routes()}
GUARDED = sorted(name for name, route in ROUTES.items() if route.scope)
BY_ID = sorted(name for name in GUARDED if "{integration_id}" in ROUTES[name].path)
REACHES_OUT = {"list_resources"}  # its answer is the provider's, and the canaries' providers are nowhere
WANTS: Mapping[str, tuple[str, object]] = {  # query and body of those that are no drafts of integrations
    "list_resources": ("kind=projects", None),
    "set_up_webhook": ("", {"webhookSecretRef": "authref://file/hook"}),
    "update_settings": ("", {"requireTestReceipt": True}),
    "replay_dead_letters": ("", {"ids": ["00000000-0000-4000-8000-000000000000"]}),
}
PROBLEM = "application/problem+json"


pytestmark = pytest.mark.usefixtures("attackers_own")


@cache
def stranger() -> rsa.RSAPrivateKey:
    """Return a key the Authority never saw; made once, because it takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


# --- the canaries are there ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["list_integrations", "list_integrations_by_type", "list_audit", "get_summary", "get_integration"]
)
def test_the_owner_does_see_the_canaries(hub: Hub, victim: Planted, name: str) -> None:
    answer = send(hub, ROUTES[name], victim.kept, hub.token("victim"))
    assert answer.status == 200
    assert b"canary-of-victim" in answer.body


@pytest.mark.parametrize("name", [name for name in BY_ID if ROUTES[name].method == "GET" and name not in REACHES_OUT])
def test_the_owner_is_answered(hub: Hub, victim: Planted, name: str) -> None:
    assert send(hub, ROUTES[name], victim.kept, hub.token("victim")).status == 200


# --- who may not come in at all ---------------------------------------------------------------------------------


def claims(hub: Hub, **changes: object) -> dict[str, Any]:
    now = int(time())
    good = {
        "iss": hub.authority.issuer,
        "aud": "integrations-hub",
        "sub": "attacker",
        "exp": now + 600,
        "scope": " ".join(ALL),
        "stellaops:tenant": "victim",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(header: Mapping[str, object], payload: Mapping[str, object]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"


def none_signed(hub: Hub, alg: str, signature: str) -> str:
    return f"{unsigned({'alg': alg, 'typ': 'JWT'}, claims(hub))}.{signature}"


def hmac_signed(hub: Hub, key: bytes) -> str:
    kid = hub.authority.keys.current("RS256").kid
    text = unsigned({"alg": "HS256", "kid": kid}, claims(hub))
    return f"{text}.{b64(digest(key, text.encode(), sha256))}"


def public_pem(hub: Hub) -> bytes:
    public = hub.authority.keys.current("RS256").private_key().public_key()
    pem: bytes = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem


def public_jwk(hub: Hub) -> bytes:
    return json.dumps(hub.authority.keys.current("RS256").jwk()).encode()


def stranger_signed(hub: Hub, kid: str | None, **header: object) -> str:
    named = {"kid": kid} if kid else {}
    return jwt.encode(claims(hub), stranger(), algorithm="RS256", headers={**named, **header})


def own_key_in_header(hub: Hub) -> str:
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger().public_key()))
    return jwt.encode(claims(hub), stranger(), algorithm="RS256", headers={"jwk": jwk, "kid": "own"})


def tampered(hub: Hub) -> str:
    header, payload, signature = hub.token("attacker").split(".")
    body = json.loads(jwt.utils.base64url_decode(payload)) | {"stellaops:tenant": "victim"}
    return f"{header}.{b64(json.dumps(body).encode())}.{signature}"


FORGERIES = {
    "malformed": lambda _: "not.a-token",
    "two parts": lambda hub: hub.token("victim").rpartition(".")[0],
    "no signature": lambda hub: hub.token("victim").rpartition(".")[0] + ".",
    "expired": lambda hub: hub.token("victim", ttl=-120),
    "not yet valid": lambda hub: hub.token("victim", nbf=int(time()) + 600),
    "without expiry": lambda hub: hub.token("victim", exp=None),
    "wrong audience": lambda hub: hub.token("victim", aud="stella-platform"),
    "no audience": lambda hub: hub.token("victim", aud=None),
    "wrong issuer": lambda hub: hub.token("victim", iss="https://issuer.invalid"),
    "alg none": lambda hub: none_signed(hub, "none", ""),
    "alg None": lambda hub: none_signed(hub, "None", b64(b"x")),
    "HS256 with the public PEM": lambda hub: hmac_signed(hub, public_pem(hub)),
    "HS256 with the public JWK": lambda hub: hmac_signed(hub, public_jwk(hub)),
    "unknown kid": lambda hub: stranger_signed(hub, "unknown"),
    "another's key, our kid": lambda hub: stranger_signed(hub, hub.authority.keys.current("RS256").kid),
    "another's key, no kid": lambda hub: stranger_signed(hub, None),
    "key in the header": own_key_in_header,
    "key by URL": lambda hub: stranger_signed(hub, "url", jku=f"{hub.authority.issuer}/.well-known/jwks.json"),
    "tampered payload": tampered,
}


@pytest.mark.parametrize("name", GUARDED)
def test_without_a_token_nobody_comes_in(hub: Hub, victim: Planted, name: str) -> None:
    # When
    answer = send(hub, ROUTES[name], victim.kept)
    # Then
    refused(answer, 401, victim)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("name", GUARDED)
def test_a_forged_token_does_not_open(hub: Hub, victim: Planted, name: str, forgery: str) -> None:
    # Given
    token = FORGERIES[forgery](hub)
    # When
    answer = send(hub, ROUTES[name], victim.kept, token)
    # Then
    refused(answer, 401, victim)
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("header", ["Basic dmljdGltOng=", "Bearer", "Bearer a b", "Token x", "Bearer " + "a" * 20_000])
@pytest.mark.parametrize("name", GUARDED)
def test_another_authorization_header_does_not_open(hub: Hub, victim: Planted, name: str, header: str) -> None:
    answer = send(hub, ROUTES[name], victim.kept, headers={"Authorization": header})
    refused(answer, 401, victim)
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(
    ("tenant", "code"),
    [
        (None, "TENANT_REQUIRED"),
        ("", "TENANT_REQUIRED"),
        ("-victim", "TENANT_INVALID"),
        ("victim' OR '1'='1", "TENANT_INVALID"),
        ("victim\r\nX-Tenant: victim", "TENANT_INVALID"),
        ("v" * 65, "TENANT_INVALID"),
        (["victim"], "TENANT_INVALID"),
    ],
)
@pytest.mark.parametrize("name", GUARDED)
def test_a_token_without_a_usable_tenant_is_refused(
    hub: Hub, victim: Planted, name: str, tenant: Any, code: str
) -> None:
    answer = send(hub, ROUTES[name], victim.kept, hub.token(tenant))
    refused(answer, 403, victim)
    assert answer.json()["code"] == code


@pytest.mark.parametrize("name", GUARDED)
def test_every_other_scope_together_does_not_open(hub: Hub, victim: Planted, name: str) -> None:
    # Given
    route = ROUTES[name]
    others = [scope for scope in ALL if scope != route.scope]
    # When
    answer = send(hub, route, victim.kept, hub.token("victim", others))
    # Then
    refused(answer, 403, victim)
    assert answer.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{route.scope}"'


# --- a good token of another tenant ------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["kept", "deleted"])
@pytest.mark.parametrize("name", BY_ID)
def test_another_tenants_record_is_not_there(hub: Hub, victim: Planted, name: str, which: str) -> None:
    # Given
    before = everything_of(hub, "victim")
    id_ = getattr(victim, which)
    # When
    answer = send(hub, ROUTES[name], id_, hub.token("attacker"))
    absent = send(hub, ROUTES[name], "00000000-0000-4000-8000-000000000000", hub.token("attacker"))
    # Then: the same 404, word for word, as for an id that never was; and nothing of the victim's has changed
    refused(answer, 404, victim, sent=id_)
    assert without_names(answer.json()) == without_names(absent.json())
    assert everything_of(hub, "victim") == before


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Stella-Tenant": "victim"},
        {"X-StellaOps-Tenant": "victim", "X-StellaOps-Scopes": " ".join(ALL), "X-StellaOps-Actor": "root"},
        {"X-Tenant-Id": "victim", "X-Tenant": "victim", "Tenant": "victim"},
        {"X-Forwarded-User": "victim", "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1;host=victim"},
        {"X-Original-URL": "/api/v1/integrations", "X-Rewrite-URL": "/", "X-HTTP-Method-Override": "DELETE"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_do_not_say_who_calls(hub: Hub, victim: Planted, name: str, headers: dict[str, str]) -> None:
    # Given
    before = everything_of(hub, "victim")
    # When
    with_token = send(hub, ROUTES[name], victim.kept, hub.token("attacker", subject="nobody"), headers=headers)
    without = send(hub, ROUTES[name], victim.kept, headers=headers)
    # Then
    nothing_of(victim, with_token, sent=victim.kept)
    nothing_of(victim, without, sent=victim.kept)
    assert without.status == 401 or ROUTES[name].scope is None
    assert everything_of(hub, "victim") == before


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.parametrize(
    "injected",
    [
        "' OR '1'='1",
        "'; DROP TABLE hub.integrations; --",
        "%(tenant)s",
        "x\r\nX-Injected: yes",
        "\x00",
        "../../victim",
        "💥" * 300,
        "{victim}' UNION SELECT config_json FROM hub.integrations --",
    ],
    ids=["or", "drop", "placeholder", "crlf", "nul", "dots", "long", "union"],
)
def test_text_in_ids_and_parameters_stays_text(hub: Hub, victim: Planted, name: str, injected: str) -> None:
    # Given
    route = ROUTES[name]
    token = hub.token("attacker")
    value = injected.replace("{victim}", victim.kept)
    # When: in each place of the path, and in each parameter of the query
    answers = [send(hub, route, quote(value, safe=""), token)] if "{" in route.path else []
    answers += [send(hub, route, victim.kept, token, query=f"{p}={quote(value)}") for p in parameters(route)]
    # Then
    for answer in answers:
        assert answer.status in {200, 204, 304, 400, 404, 405, 422}, answer
        assert "x-injected" not in answer.headers
        nothing_of(victim, answer, sent=victim.kept)


@pytest.mark.parametrize("name", ["list_integrations", "list_integrations_by_type", "list_audit"])
def test_a_page_token_of_another_tenant_leads_through_ones_own_list_only(hub: Hub, victim: Planted, name: str) -> None:
    # Given: a token the victim was given, and holds a position in its list
    route = ROUTES[name]
    given = hub.call("GET", path_of(route, victim.kept) + "?page_size=1", token=hub.token("victim")).json()
    # When
    query = f"page_size=1&page_token={given['nextPageToken']}"
    answer = send(hub, route, victim.kept, hub.token("attacker"), query=query)
    # Then
    assert answer.status == 200
    nothing_of(victim, answer, sent=victim.kept)


def test_callers_at_once_are_never_taken_for_one_another(hub: Hub, victim: Planted) -> None:
    # Given
    tokens = {tenant: hub.token(tenant) for tenant in ("victim", "attacker")}
    asked = [(tenant, name) for _ in range(25) for tenant in tokens for name in ("list_integrations", "list_audit")]
    # When
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: send(hub, ROUTES[one[1]], victim.kept, tokens[one[0]]), asked))
    # Then
    for (tenant, _), answer in zip(asked, answers, strict=True):
        assert answer.status == 200
        assert (b"canary-of-victim" in answer.body) is (tenant == "victim")
        assert (b"canary-of-attacker" in answer.body) is (tenant == "attacker")


# --- helpers ------------------------------------------------------------------------------------------------------


def send(
    hub: Hub,
    route: Route,
    id_: str,
    token: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    query: str = "",
) -> Answer:
    """Call a route as it wants to be called, so that nothing but the attack is wrong with it."""
    usual = None if route.body is NoBody else draft("attack", config={"script": [{"do": "healthy"}]})
    asked, body = WANTS.get(route.name, ("", usual))
    query = "&".join(filter(None, [asked, query]))
    path = path_of(route, id_) + (f"?{query}" if query else "")
    return hub.call(route.method, path, token=token, json=body, headers=headers)


def path_of(route: Route, id_: str) -> str:
    return route.path.replace("{integration_id}", id_).replace("{type}", id_ if "%" in id_ else "harbor")


def parameters(route: Route) -> list[str]:
    return list(route.query.model_fields)


def refused(answer: Answer, status: int, victim: Planted, sent: str = "") -> None:
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM), answer
    assert answer.json()["detail"]
    nothing_of(victim, answer, sent)


def without_names(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name not in {"instance", "traceId"}}
