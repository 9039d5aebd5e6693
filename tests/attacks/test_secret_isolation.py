"""One tenant against another's secrets, over a real OpenBao and with the widest token the hub could have."""

from __future__ import annotations

import asyncio

import hvac
import pytest

from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import HostNotAllowed, SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.files import FileBackend
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings
from tests.support.openbao import ROOT_TOKEN, open_bao
from tests.support.recording_proxy import recording_proxy

THEIRS = "not-a-real-secret-globex"
LOGIN = {"method": "token", "token": ROOT_TOKEN}

# What acme writes after `authref://vault/` in the hope of globex's secret at `gitlab`.
PATHS = [
    "../globex/gitlab", "x/../../globex/gitlab", "./../globex/gitlab", "gitlab/../../globex/gitlab", "../../tenants/globex/gitlab",
    "../../../data/tenants/globex/gitlab", "../../../../v1/secret/data/tenants/globex/gitlab", "..", "../", "../globex", ".../globex/gitlab",
    "%2e%2e/globex/gitlab", "%2e%2e%2fglobex%2fgitlab", "..%2fglobex%2fgitlab", "%252e%252e%252fglobex%252fgitlab", ".%2e/globex/gitlab",
    "%c0%ae%c0%ae/globex/gitlab", "..%c0%afglobex/gitlab", "%u002e%u002e/globex/gitlab", "..%00/globex/gitlab", "..\x00/globex/gitlab",
    "..\\globex\\gitlab", "..%5cglobex%5cgitlab", "..;/globex/gitlab", "..?/globex/gitlab", "..#/globex/gitlab", "x/..;a=b/../globex/gitlab",
    "//globex/gitlab", "/globex/gitlab", "//tenants/globex/gitlab", "x//../../globex/gitlab", "/../globex/gitlab", "///../globex/gitlab",
    "․․/globex/gitlab", "‥/globex/gitlab", "．．/globex/gitlab", "..／globex／gitlab", "..∕globex∕gitlab", "..⁄globex/gitlab",
    "..\t/globex/gitlab", " ../globex/gitlab", "..\n/globex/gitlab", "x\r\nX-Vault-Namespace: globex", "gitlab?version=1&list=true",
    "gitlab?version=1/../../globex/gitlab", "x?version=../globex/gitlab", "gitlab#../../globex/gitlab", "globex/gitlab", "tenants/globex/gitlab",
    "secret/data/tenants/globex/gitlab", "globex:gitlab", "globex@vault/gitlab", "~globex/gitlab", "*/gitlab", "+/gitlab", "{{globex}}/gitlab",
]  # fmt: skip

TENANTS = [
    "acme/../globex", "../tenants/globex", "./globex", "globex/", "/globex", "globex/.", "globex//", "acme/..//globex", "globex%2f", "globex\x00",
    "globex\n", " globex", "globex ", "GLOBEX", "Globex", "globex.", "globex..", "g1obex", "ɡlobex", "globex?", "globex#", "globex;x", "..", ".", "",
    "globex/gitlab", "acme%2f..%2fglobex", "acme\\..\\globex", "*", "+",
]  # fmt: skip


@pytest.fixture(scope="module")
def bao():
    with open_bao() as server:
        server.write("tenants/acme/own", token="not-a-real-secret-acme")
        server.write("tenants/globex/gitlab", token=THEIRS)
        server.write("tenants/globex/bound", token=THEIRS, allowed_hosts=["gitlab.globex.example"])
        server.write("gitlab", token=THEIRS)
        for namespace in ("acme", "globex"):
            server.call("POST", f"sys/namespaces/{namespace}", {})
            server.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, namespace=namespace)
        server.write("gitlab", namespace="globex", token=THEIRS)
        yield server


@pytest.fixture(scope="module")
def proxy(bao):
    with recording_proxy(bao.url) as between:
        yield between


@pytest.fixture(params=["path", "namespace"])
def backend(request, proxy):
    backend = VaultBackend(
        "vault", VaultSettings.model_validate({"url": proxy.url, "login": LOGIN, "tenancy": request.param})
    )
    backend.probe()  # logged in: from here on every call is about a secret
    proxy.passed.clear()
    return backend


def stolen(resolver, uri, tenant="acme"):
    """Return whether a tenant got globex's secret by a reference."""
    try:
        resolved = asyncio.run(resolver.resolve(tenant, AuthRef.parse(uri), host="evil.example"))
    except (AuthRefInvalid, SecretUnavailable):
        return False
    return THEIRS in {secret.reveal() for secret in resolved.credential.fields.values()}


def test_the_attack_is_real(bao):
    """A plain client with the hub's token and a check of the prefix does hand out the neighbour's secret."""
    path = "tenants/acme/../globex/gitlab"
    assert path.startswith("tenants/acme/")
    client = hvac.Client(url=bao.url, token=ROOT_TOKEN)
    try:
        answer = client.secrets.kv.v2.read_secret_version(path, raise_on_deleted_version=False)
    finally:
        client.session.close()

    assert answer["data"]["data"]["token"] == THEIRS


def test_a_tenant_reads_its_own(proxy):
    resolver = Resolver(build_backends({"vault": {"url": proxy.url, "login": LOGIN}}))

    own = asyncio.run(resolver.resolve("acme", AuthRef("vault", "own"), host="h"))

    assert own.credential.fields["token"].reveal() == "not-a-real-secret-acme"
    assert stolen(resolver, "authref://vault/gitlab", tenant="globex")  # the detector works


@pytest.mark.parametrize("path", PATHS)
def test_no_reference_of_one_tenant_names_anothers_secret(proxy, path):
    resolver = Resolver(build_backends({"vault": {"url": proxy.url, "login": LOGIN}}))
    proxy.passed.clear()

    assert not stolen(resolver, f"authref://vault/{path}")
    assert all(call.startswith(("GET /v1/secret/data/tenants/acme/", "GET /v1/auth/token/")) for call in proxy.passed)


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if not path[0].isalnum() or set("#?%:@{") & set(path) or ".." in path]
    + ["own?version=1", "own#token"],
)
def test_nor_does_a_path_that_went_round_the_grammar(backend, proxy, path):
    with pytest.raises(SecretUnavailable):
        backend.read("acme", path, None)
    assert proxy.passed == []


@pytest.mark.parametrize("tenant", TENANTS)
def test_no_other_spelling_of_a_tenant_is_that_tenant(backend, tenant):
    with pytest.raises((SecretForbidden, SecretNotFound)):
        backend.read(tenant, "gitlab", None)


@pytest.mark.parametrize(
    "tenant", ["root", "ROOT", "sys", "auth", "identity", "cubbyhole", "audit", "secret", "tenants"]
)
def test_no_tenants_name_is_vaults_own(backend, tenant):
    """A namespace header of `root` is the topmost namespace, where the operator's own secrets are."""
    with pytest.raises((SecretForbidden, SecretNotFound)):
        backend.read(tenant, "gitlab", None)


@pytest.mark.parametrize("path", ["../globex/gitlab", "globex/gitlab", "../../outside", "own/../../globex/gitlab"])
@pytest.mark.parametrize("tenant", ["acme", "acme/../globex", ".."])
def test_files_have_the_same_walls(tmp_path, tenant, path):
    (tmp_path / "root" / "acme").mkdir(parents=True)
    (tmp_path / "root" / "globex").mkdir()
    (tmp_path / "root" / "globex" / "gitlab").write_text(THEIRS)
    (tmp_path / "outside").write_text(THEIRS)

    with pytest.raises((SecretForbidden, SecretNotFound)):
        FileBackend("file", tmp_path / "root").read(tenant, path, None)


def test_what_one_tenant_read_is_not_served_to_another_from_memory(proxy):
    resolver = Resolver(build_backends({"vault": {"url": proxy.url, "login": LOGIN}}))
    ref = "authref://vault/gitlab"

    assert stolen(resolver, ref, tenant="globex")
    assert not stolen(resolver, ref, tenant="acme")


def test_many_tenants_asking_at_once_never_get_each_others(bao, proxy):
    tenants = [f"tenant-{number}" for number in range(20)]
    for tenant in tenants:
        bao.write(f"tenants/{tenant}/same", token=f"not-a-real-secret-of-{tenant}")
    resolver = Resolver(build_backends({"vault": {"url": proxy.url, "login": LOGIN}}))

    async def crowd():
        asked = tenants * 10
        found = await asyncio.gather(
            *(resolver.resolve(tenant, AuthRef("vault", "same"), host="h") for tenant in asked)
        )
        return {(tenant, one.credential.fields["token"].reveal()) for tenant, one in zip(asked, found, strict=True)}

    assert asyncio.run(crowd()) == {(tenant, f"not-a-real-secret-of-{tenant}") for tenant in tenants}


def test_a_colleague_cannot_send_a_bound_secret_to_a_server_of_his_own(proxy):
    resolver = Resolver(build_backends({"vault": {"url": proxy.url, "login": LOGIN}}))
    ref = AuthRef("vault", "bound", key="token")

    asyncio.run(resolver.resolve("globex", ref, host="gitlab.globex.example:443"))
    for host in (
        "evil.example",
        "gitlab.globex.example.evil.example",
        "gitlab.globex.example@evil.example",
        "127.0.0.1:443",
        "",
    ):
        with pytest.raises(HostNotAllowed):
            asyncio.run(resolver.resolve("globex", ref, host=host))


def test_the_backends_policy_is_a_second_wall_that_tells_nothing(bao, proxy):
    """A token confined to one tenant, as a deployment per tenant has it, in case the first wall ever falls."""
    bao.policy("acme-only", 'path "secret/data/tenants/acme/*" { capabilities = ["read"] }')
    login = {"method": "token", "token": bao.token(policies=["acme-only"], ttl="1h")}
    backend = VaultBackend("vault", VaultSettings.model_validate({"url": proxy.url, "login": login}))
    assert backend.read("acme", "own", None).values.fields["token"].reveal() == "not-a-real-secret-acme"

    told = set()
    for tenant, path in (("globex", "gitlab"), ("globex", "gone"), ("nobody", "gitlab")):
        with pytest.raises(SecretForbidden) as refusal:
            backend.read(tenant, path, None)
        told.add((str(refusal.value), refusal.value.remedy))
    assert len(told) == 1
