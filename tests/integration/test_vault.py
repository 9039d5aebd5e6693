"""The vault backend against a real OpenBao: what it reads, how it stays logged in, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import BackendUnavailable, SecretForbidden, SecretNotFound
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings
from tests.support.openbao import ROOT_TOKEN, open_bao
from tests.support.recording_proxy import recording_proxy

READ_TENANTS = 'path "secret/data/tenants/*" { capabilities = ["read"] }'
LOGIN, RENEWAL, LOOKUP = "auth/approle/login", "auth/token/renew-self", "auth/token/lookup-self"
CANARY = "not-a-real-secret-1"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def bao():
    with open_bao() as server:
        server.policy("hub", READ_TENANTS)
        server.write("tenants/acme/gitlab", token=CANARY)
        server.write("tenants/globex/gitlab", token="not-a-real-secret-2")
        yield server


@pytest.fixture
def proxy(bao):
    with recording_proxy(bao.url) as between:
        yield between


@pytest.fixture
def clock():
    return Clock()


def vault(proxy, clock, **settings):
    settings = {"url": proxy.url, "login": {"method": "token", "token": ROOT_TOKEN}} | settings
    return VaultBackend("vault", VaultSettings.model_validate(settings), clock)


def fields(backend, tenant="acme", path="gitlab", version=None):
    return {name: secret.reveal() for name, secret in backend.read(tenant, path, version).values.fields.items()}


def role(bao, name, **settings):
    return bao.app_role(name, token_policies="hub", **settings)


# --- what it reads


def test_versions_of_kv_2_are_read_and_a_deleted_one_is_not_found(bao, proxy, clock):
    for number in (1, 2, 3):
        bao.write("tenants/acme/versions", token=f"not-a-real-secret-{number}")
    bao.call("POST", "secret/delete/tenants/acme/versions", {"versions": [2]})
    bao.call("POST", "secret/destroy/tenants/acme/versions", {"versions": [1]})
    backend = vault(proxy, clock)

    assert backend.read("acme", "versions", None).version == "3"
    assert fields(backend, path="versions", version="3") == {"token": "not-a-real-secret-3"}
    for gone in ("1", "2", "4", "0", "x", "9999999999", "-1"):
        with pytest.raises(SecretNotFound):
            backend.read("acme", "versions", gone)


def test_kv_1_is_read_with_its_lease_and_keeps_no_versions(bao, proxy, clock):
    bao.call("POST", "kv1/tenants/acme/gitlab", {"username": "robot$x", "password": CANARY, "ttl": "60s"})
    backend = vault(proxy, clock, mount="kv1", kv_version=1)

    stored = backend.read("acme", "gitlab", None)
    assert stored.lease_s == 60
    assert stored.values.fields["password"].reveal() == CANARY
    with pytest.raises(SecretNotFound, match="versions"):
        backend.read("acme", "gitlab", "1")


def test_a_secret_that_will_be_deleted_says_when(bao, proxy, clock):
    bao.call("POST", "secret/metadata/tenants/acme/ends", {"delete_version_after": "48h"})
    bao.write("tenants/acme/ends", token=CANARY)

    ends_at = vault(proxy, clock).read("acme", "ends", None).ends_at

    assert abs(ends_at - datetime.now(UTC) - timedelta(hours=48)) < timedelta(minutes=5)


@pytest.mark.parametrize("settings", [{}, {"mount": "gone"}, {"mount": "kv1"}, {"kv_version": 1}, {"prefix": "gone"}])
def test_what_is_not_there_is_not_found(proxy, clock, settings):
    with pytest.raises(SecretNotFound) as missing:
        vault(proxy, clock, **settings).read("acme", "gone", None)
    assert "tenants" not in missing.value.evidence + missing.value.remedy


def test_a_namespace_per_tenant(bao, proxy, clock):
    for namespace, parent in (("hub", ""), ("acme", "hub"), ("globex", "hub")):
        bao.call("POST", f"sys/namespaces/{namespace}", {}, namespace=parent)
    for tenant in ("acme", "globex"):
        bao.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, namespace=f"hub/{tenant}")
        bao.write("gitlab", namespace=f"hub/{tenant}", token=f"not-a-real-secret-{tenant}")
    reads = 'path "+/secret/data/*" { capabilities = ["read"] }'
    bao.call("PUT", "sys/policies/acl/reads", {"policy": reads}, namespace="hub")
    token = bao.call("POST", "auth/token/create-orphan", {"policies": ["reads"]}, namespace="hub")
    login = {"method": "token", "token": token["auth"]["client_token"]}
    backend = vault(proxy, clock, tenancy="namespace", namespace="hub", login=login)

    assert fields(backend) == {"token": "not-a-real-secret-acme"}
    assert fields(backend, "globex") == {"token": "not-a-real-secret-globex"}
    with pytest.raises(SecretNotFound):
        backend.read("nobody", "gitlab", None)
    assert backend.probe().reachable


# --- how it stays logged in


def test_an_app_role_logs_in_once_and_is_renewed_at_two_thirds_of_its_lease(bao, proxy, clock):
    backend = vault(proxy, clock, login=role(bao, "renewed", token_ttl="90s", token_max_ttl="1h"))

    assert fields(backend) == {"token": CANARY}
    clock.now += 59
    fields(backend)
    assert (proxy.count(LOGIN), proxy.count(RENEWAL)) == (1, 0)
    clock.now += 1
    fields(backend)
    assert (proxy.count(LOGIN), proxy.count(RENEWAL)) == (1, 1)
    clock.now += 59
    fields(backend)
    assert proxy.count(RENEWAL) == 1


def test_a_lease_that_ran_out_is_not_tried(bao, proxy, clock):
    backend = vault(proxy, clock, login=role(bao, "lapsed", token_ttl="90s"))
    fields(backend)
    proxy.passed.clear()

    clock.now += 90
    fields(backend)

    assert proxy.count(LOGIN) == 1
    assert proxy.count("secret/data") == 1


def test_a_token_that_cannot_be_renewed_any_more_is_replaced(bao, proxy, clock):
    backend = vault(proxy, clock, login=role(bao, "replaced", token_ttl="90s"))
    fields(backend)
    bao.call("POST", "auth/token/revoke", {"token": backend._session._lease.token.reveal()})

    clock.now += 60
    assert fields(backend) == {"token": CANARY}
    assert proxy.count(LOGIN) == 2


def test_a_batch_token_which_has_no_renewal_is_used_to_its_end(bao, proxy, clock):
    backend = vault(proxy, clock, login=role(bao, "batch", token_ttl="90s", token_type="batch"))
    for seconds in (0, 61, 20):
        clock.now += seconds
        fields(backend)
    assert (proxy.count(LOGIN), proxy.count(RENEWAL)) == (1, 0)


def test_a_revoked_token_costs_one_login(bao, proxy, clock):
    backend = vault(proxy, clock, login=role(bao, "revoked", token_ttl="1h"))
    fields(backend)
    bao.call("POST", "auth/token/revoke", {"token": backend._session._lease.token.reveal()})

    resolver = Resolver({"vault": backend}, clock=clock)

    async def crowd():
        refs = [AuthRef("vault", path) for path in ("gitlab", "a", "b", "c", "d", "e")]
        return await asyncio.gather(*(resolver.resolve("acme", ref, host="h") for ref in refs), return_exceptions=True)

    first, *missing = asyncio.run(crowd())
    assert first.credential.fields["token"].reveal() == CANARY
    assert {type(one) for one in missing} == {SecretNotFound}
    assert proxy.count(LOGIN) == 2


def test_a_policy_that_refuses_costs_no_login_and_never_tells_what_exists(bao, proxy, clock):
    bao.policy("narrow", 'path "secret/data/tenants/globex/*" { capabilities = ["read"] }')
    login = bao.app_role("narrow", token_policies="narrow", token_ttl="1h")
    backend = vault(proxy, clock, login=login)

    told = set()
    for path in ("gitlab", "gone"):
        with pytest.raises(SecretForbidden) as refusal:
            backend.read("acme", path, None)
        told.add((refusal.value.evidence, refusal.value.remedy))

    assert len(told) == 1
    assert proxy.count(LOGIN) == 1


def test_a_token_from_a_file_is_read_again_when_it_died(bao, proxy, clock, tmp_path):
    file = tmp_path / "token"
    first, second = bao.token(policies=["hub"], ttl="1h"), bao.token(policies=["hub"], ttl="1h")
    file.write_text(first + "\n")
    backend = vault(proxy, clock, login={"method": "token", "token_file": str(file)})
    fields(backend)

    file.write_text(second + "\n")
    bao.call("POST", "auth/token/revoke", {"token": first})

    assert fields(backend) == {"token": CANARY}


def test_a_refused_login_rests_a_minute_lest_the_role_is_locked_out(bao, proxy, clock):
    login = role(bao, "refused") | {"secret_id": "00000000-0000-4000-8000-000000000000"}
    backend = vault(proxy, clock, login=login)
    for _ in range(3):
        with pytest.raises(BackendUnavailable, match="login") as refusal:
            backend.read("acme", "gitlab", None)
    assert proxy.count(LOGIN) == 1
    assert "00000000" not in repr(refusal.value)

    clock.now += 60
    with pytest.raises(BackendUnavailable):
        backend.read("acme", "gitlab", None)
    assert proxy.count(LOGIN) == 2


def test_a_token_file_that_is_gone_is_said(proxy, clock, tmp_path):
    backend = vault(proxy, clock, login={"method": "token", "token_file": str(tmp_path / "gone")})

    with pytest.raises(BackendUnavailable, match="cannot be read") as failure:
        backend.read("acme", "gitlab", None)
    assert str(tmp_path) not in str(failure.value)


# --- what it says when it cannot


def test_a_server_that_went_away_is_bridged_with_what_was_read(clock):
    with ExitStack() as stack:
        bao = stack.enter_context(open_bao())
        bao.write("tenants/acme/gitlab", token=CANARY)
        ref, resolver = AuthRef("vault", "gitlab"), Resolver({"vault": vault(bao, clock)}, clock=clock)
        fresh = asyncio.run(resolver.resolve("acme", ref, host="h"))

        bao.call("PUT", "sys/seal")
        clock.now += 300
        sealed = asyncio.run(resolver.resolve("acme", ref, host="h"))
        with pytest.raises(BackendUnavailable, match="sealed"):
            asyncio.run(resolver.resolve("acme", AuthRef("vault", "other"), host="h"))
        assert not asyncio.run(resolver.probe())["vault"].reachable
        stack.close()

        clock.now += 899
        stale = asyncio.run(resolver.resolve("acme", ref, host="h"))
        clock.now += 1
        with pytest.raises(BackendUnavailable) as away:
            asyncio.run(resolver.resolve("acme", ref, host="h"))

    assert [one.stale for one in (fresh, sealed, stale)] == [False, True, True]
    assert fresh.credential == sealed.credential == stale.credential
    assert away.value.cause_key == "backend:vault"
    assert away.value.__context__ is None


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((307, {"Location": "http://127.0.0.1:9/v1/secret/data/x"}, b""), "redirect"),
        ((301, {"Location": "https://evil.example/"}, b""), "redirect"),
        ((200, {"Content-Type": "text/html"}, b"<html>not-a-real-secret-1"), "no Vault"),
        ((200, {"Content-Type": "application/json"}, b"[1]"), "no Vault"),
        ((500, {}, b"not-a-real-secret-1"), "500"),
        ((503, {}, b""), "sealed"),
        ((429, {}, b""), "429"),
    ],
)
def test_strange_answers_are_the_backend_being_away_and_nothing_is_followed(proxy, clock, answer, word, caplog):
    caplog.set_level(logging.DEBUG)
    backend = vault(proxy, clock)
    fields(backend)
    proxy.passed.clear()
    proxy.instead = answer

    with pytest.raises(BackendUnavailable, match=word) as failure:
        backend.read("acme", "gitlab", None)

    assert len(proxy.passed) == 1
    assert CANARY not in str(failure.value) + caplog.text
    assert failure.value.__context__ is None


def test_a_server_that_hangs_is_away(proxy, clock):
    backend = vault(proxy, clock)
    fields(backend)
    proxy.delay_s = 6

    with pytest.raises(BackendUnavailable, match="in time") as failure:
        backend.read("acme", "gitlab", None)
    assert failure.value.__context__ is None


def test_a_token_that_expires_in_mid_flight_is_replaced(bao, clock):
    """The server forgets the token while the read is under way: between the hub's question and the answer."""
    with recording_proxy(bao.url) as between:
        backend = vault(between, clock, login=role(bao, "mid-flight", token_ttl="1h"))
        fields(backend)
        between.delay_s = 0.5
        with ThreadPoolExecutor(1) as threads:
            reading = threads.submit(fields, backend)
            while not between.passed[-1].startswith("GET") or between.count("secret/data") < 2:
                time.sleep(0.01)
            bao.call("POST", "auth/token/revoke", {"token": backend._session._lease.token.reveal()})
            assert reading.result(30) == {"token": CANARY}
        assert between.count(LOGIN) == 2


def test_a_server_of_another_authority_is_refused_and_its_own_is_trusted(bao, clock, tmp_path):
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with recording_proxy(bao.url, tls=context) as proxy:
        assert fields(vault(proxy, clock, ca_file=str(ca_file))) == {"token": CANARY}
        with pytest.raises(BackendUnavailable, match="certificate"):
            vault(proxy, clock).read("acme", "gitlab", None)


def test_the_environment_of_the_process_is_not_listened_to(proxy, clock, monkeypatch, tmp_path):
    monkeypatch.setenv("VAULT_TOKEN", "not-a-real-token")
    monkeypatch.setenv("VAULT_NAMESPACE", "elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login x password y")

    assert fields(vault(proxy, clock)) == {"token": CANARY}


def test_what_the_hub_could_do_is_reported(bao, proxy, clock):
    reading = vault(proxy, clock, login=role(bao, "reading")).probe()
    everything = vault(proxy, clock).probe()

    assert (reading.reachable, reading.writable) == (True, False)
    assert (everything.reachable, everything.writable) == (True, True)


# --- through the resolver


def test_a_hundred_checks_at_once_cost_one_read(bao, proxy):
    settings = {"vault": {"url": proxy.url, "login": role(bao, "crowd", token_ttl="1h")}}
    resolver = Resolver(build_backends(settings))

    async def crowd():
        return await asyncio.gather(
            *(resolver.resolve("acme", AuthRef("vault", "gitlab"), host="h") for _ in range(100))
        )

    assert {one.credential.fields["token"].reveal() for one in asyncio.run(crowd())} == {CANARY}
    assert proxy.count("secret/data/tenants/acme/gitlab") == 1
    assert proxy.count(LOGIN) == 1


def test_a_rejected_secret_is_read_anew_and_two_servers_have_two_names(bao, proxy):
    login = {"method": "token", "token": ROOT_TOKEN}
    settings = {
        "vault": {"url": proxy.url, "login": login},
        "old": {"kind": "vault", "url": bao.url, "login": login, "mount": "kv1", "kv_version": 1},
    }
    resolver = Resolver(build_backends(settings))
    bao.write("tenants/acme/rotated", token="not-a-real-secret-old")
    bao.call("POST", "kv1/tenants/acme/rotated", {"token": "not-a-real-secret-kv1"})
    ref = AuthRef("vault", "rotated")
    before = asyncio.run(resolver.resolve("acme", ref, host="h"))
    bao.write("tenants/acme/rotated", token="not-a-real-secret-new")

    assert asyncio.run(resolver.resolve("acme", ref, host="h")).version == before.version == "1"
    resolver.drop("acme", ref)
    assert asyncio.run(resolver.resolve("acme", ref, host="h")).version == "2"
    old = asyncio.run(resolver.resolve("acme", AuthRef("old", "rotated"), host="h"))
    assert old.credential.fields["token"].reveal() == "not-a-real-secret-kv1"


def test_a_rotation_is_told_by_version_and_moment(bao, proxy):
    settings = {"vault": {"url": proxy.url, "login": {"method": "token", "token": ROOT_TOKEN}}}
    uri = "authref://vault/told"

    def facts():
        return asyncio.run(Secrets(Resolver(build_backends(settings))).facts("acme", uri))

    bao.call("POST", "secret/metadata/tenants/acme/told", {"delete_version_after": "48h"})
    bao.write("tenants/acme/told", token=CANARY)
    first = facts()
    bao.write("tenants/acme/told", token="not-a-real-secret-2")
    second = facts()
    bao.call("DELETE", "secret/metadata/tenants/acme/told")
    bao.write("tenants/acme/told", token="not-a-real-secret-3")
    anew = facts()

    assert [one.revision for one in (first, second, anew)] == ["v:1", "v:2", "v:1"]
    assert second.replaces(first)
    assert anew.replaces(first)
    assert not first.replaces(first)
    assert first.rotated_at < second.rotated_at < anew.rotated_at
    assert first.ends_at - first.rotated_at == timedelta(hours=48)
    assert anew.ends_at is None
