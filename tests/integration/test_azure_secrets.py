"""Azure Key Vault through the official client: Entra's login, challenges, versions, and a vault per tenant."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import (
    BackendUnavailable,
    OwnVaultUnavailable,
    SecretForbidden,
    SecretNotFound,
)
from integrations_hub.credentials.names import tenant_place
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from tests.support.key_vault import key_vaults

OLD, NEW = "not-a-real-secret-old", "not-a-real-secret-new"
TEMPLATE, SHARED = "https://hub-{tenant}.vault.azure.net", "https://hub.vault.azure.net"


@pytest.fixture
def vaults(tmp_path, monkeypatch):
    with key_vaults(tmp_path) as running:
        monkeypatch.setenv("HTTPS_PROXY", running.proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", running.ca_file)
        for tenant in ("acme", "globex"):
            running.write(f"hub-{tenant}", "github--app", f'{{"token": "not-a-real-secret-{tenant}"}}')
        yield running


def settings(vaults, url=TEMPLATE):
    return {"azure-kv": {"vault_url": url, "login": vaults.login()}}


def backend(vaults, url=TEMPLATE):
    return build_backends(settings(vaults, url))["azure-kv"]


def fields(stored):
    return {name: secret.reveal() for name, secret in stored.values.fields.items()}


def test_each_tenant_has_a_vault_of_its_own_and_one_login_serves_all(vaults):
    reads = backend(vaults)
    for tenant in ("acme", "globex", "acme"):
        assert fields(reads.read(tenant, "github/app", None)) == {"token": f"not-a-real-secret-{tenant}"}

    assert sum("oauth2/v2.0/token" in one for one in vaults.asked) == 1


def test_tenants_of_one_vault_are_told_apart_by_their_digest(vaults):
    for tenant in ("acme", "globex", "Acme", "a.cme"):
        _, name = tenant_place("azure-kv", SHARED, tenant, "gitlab", 127)
        vaults.write("hub", name, f"not-a-real-secret-of-{tenant}")
    reads = backend(vaults, SHARED)

    for tenant in ("acme", "globex", "Acme", "a.cme"):
        assert fields(reads.read(tenant, "gitlab", None)) == {"token": f"not-a-real-secret-of-{tenant}"}


def test_versions_dates_and_the_one_before(vaults):
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    hour = int(time.time()) - 3600
    ids = [
        vaults.write("hub-acme", "rotated", value, created=hour + nth, enabled=on, exp=int(ends.timestamp()))
        for nth, (value, on) in enumerate(
            [("not-a-real-secret-older", True), (OLD, True), ("leaked", False), (NEW, True)]
        )
    ]
    reads = backend(vaults)
    current = reads.read("acme", "rotated", None)

    assert (fields(current), current.version, current.ends_at) == ({"token": NEW}, ids[3], ends)
    assert current.rotated_at == datetime.fromtimestamp(hour + 3, UTC)
    assert fields(reads.previous("acme", "rotated", ids[3])) == {"token": OLD}
    assert fields(reads.read("acme", "rotated", ids[0])) == {"token": "not-a-real-secret-older"}
    with pytest.raises(SecretNotFound):
        reads.previous("acme", "rotated", ids[0])
    with pytest.raises(SecretForbidden):
        reads.read("acme", "rotated", ids[2])
    secrets = Secrets(Resolver(build_backends(settings(vaults))))
    found = asyncio.run(secrets.webhook_credentials("acme", "authref://azure-kv/rotated"))
    assert [one.fields["webhook_secret"].reveal() for one in found] == [NEW, OLD]


@pytest.mark.parametrize(("path", "version"), [("gone", None), ("github/app", "f" * 32), ("x" * 128, None)])
def test_what_is_not_there_is_not_found(vaults, path, version):
    with pytest.raises(SecretNotFound) as missing:
        backend(vaults).read("acme", path, version)
    assert missing.value.__context__ is None
    assert "vault.azure.net" not in str(missing.value) + missing.value.remedy


def test_a_tenant_whose_name_no_vault_can_bear_has_none(vaults):
    for tenant in ("Acme", "a.b", "a_b", "a--b", "acme-"):
        with pytest.raises(SecretForbidden):
            backend(vaults).read(tenant, "gitlab", None)
    assert vaults.asked == []


CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/common", resource="https://vault.azure.net"'


@pytest.mark.parametrize("answer", [(503, {}, b""), (401, {"WWW-Authenticate": CHALLENGE}, b"{}")])
def test_one_tenants_missing_or_foreign_vault_is_not_anothers_outage(vaults, answer):
    vaults.instead["hub-nobody.vault.azure.net"] = answer
    resolver = Resolver(build_backends(settings(vaults)))

    async def both():
        with pytest.raises(OwnVaultUnavailable) as away:
            await resolver.resolve("nobody", AuthRef("azure-kv", "gitlab"), host="h")
        assert away.value.cause_key is None
        return await resolver.resolve("acme", AuthRef("azure-kv", "github/app"), host="h")

    assert asyncio.run(both()).credential.fields["token"].reveal() == "not-a-real-secret-acme"


@pytest.mark.parametrize(
    "refusal",
    [
        ("hub.vault.azure.net", (403, {}, b'{"error": {"message": "not-a-real-secret-1"}}'), SecretForbidden, "refuses"),
        ("hub.vault.azure.net", (500, {}, b"not-a-real-secret-1"), BackendUnavailable, "500"),
        ("hub.vault.azure.net", (429, {"Retry-After": "0"}, b""), BackendUnavailable, "429"),
        ("hub.vault.azure.net", (302, {"Location": "https://login.microsoftonline.com/"}, b""), BackendUnavailable, "302"),
        ("hub.vault.azure.net", (200, {}, b"<html>"), BackendUnavailable, "vault"),
        (
            "hub.vault.azure.net",
            (401, {"WWW-Authenticate": 'Bearer authorization="https://login.microsoftonline.com/x", resource="https://evil.example"'}, b""),
            BackendUnavailable,
            "no Key Vault",
        ),
        ("login.microsoftonline.com", (500, {}, b"not-a-real-secret-1"), BackendUnavailable, "login"),
    ],
)  # fmt: skip
def test_what_azure_refuses_is_told_apart(vaults, caplog, refusal):
    host, answer, error, word = refusal
    caplog.set_level(logging.INFO)
    vaults.instead[host] = answer

    with pytest.raises(error, match=word) as failure:
        backend(vaults, SHARED).read("acme", "gitlab", None)

    assert "not-a-real" not in str(failure.value) + failure.value.remedy + caplog.text
    assert failure.value.__context__ is None


def test_a_vault_that_hangs_is_away(vaults):
    vaults.delay_s = 4

    with pytest.raises(BackendUnavailable, match="cannot be reached"):
        backend(vaults, SHARED).read("acme", "gitlab", None)


def test_a_refused_login_is_the_hubs_own_matter(vaults):
    vaults.client_secret = "not-a-real-client-secret-2"
    refused = settings(vaults)
    refused["azure-kv"]["login"]["client_secret"] = "not-a-real-client-secret-1"

    with pytest.raises(BackendUnavailable, match="login") as failure:
        build_backends(refused)["azure-kv"].read("acme", "github/app", None)
    assert "not-a-real" not in str(failure.value)
    assert not build_backends(refused)["azure-kv"].probe().reachable


def test_a_probe_tells_that_it_answers(vaults):
    assert backend(vaults).probe().reachable
    assert backend(vaults, SHARED).probe().reachable
    vaults.instead["hub.vault.azure.net"] = (500, {}, b"")
    assert not backend(vaults, SHARED).probe().reachable


def test_a_hundred_who_ask_at_once_cost_one_read(vaults):
    resolver = Resolver(build_backends(settings(vaults)))

    async def crowd():
        asked = (resolver.resolve("acme", AuthRef("azure-kv", "github/app"), host="h") for _ in range(100))
        return await asyncio.gather(*asked)

    assert {one.credential.fields["token"].reveal() for one in asyncio.run(crowd())} == {"not-a-real-secret-acme"}
    # one without a token may come first: that is how the client learns where to log in
    reads = [one for one in vaults.asked if "/secrets/github--app" in one and not one.endswith("without a token")]
    assert len(reads) == 1
