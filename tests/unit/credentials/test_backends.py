"""From settings to adapters: several of a kind, none of the local ones by accident, nothing imported early."""

import subprocess
import sys

import pytest

from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import BackendsInvalid

LOGIN = {"method": "token", "token": "not-a-real-secret-1"}


def test_a_kind_is_its_own_alias_and_several_of_one_kind_have_names(tmp_path):
    built = build_backends(
        {
            "vault": {"url": "https://vault.example:8200", "login": LOGIN},
            "corp-vault": {
                "kind": "vault",
                "url": "https://corp.example",
                "login": LOGIN,
                "kv_version": 1,
                "tenancy": "namespace",
            },
            "file": {"root": str(tmp_path)},
            "env": {},
        },
        development=True,
        environment={"HUB_SECRET_acme__a": "not-a-real-secret-1"},
    )

    assert {alias: backend.kind for alias, backend in built.items()} == {
        "vault": "vault",
        "corp-vault": "vault",
        "file": "file",
        "env": "env",
    }
    assert built["env"].read("acme", "a", None).values.fields["token"].reveal() == "not-a-real-secret-1"


@pytest.mark.parametrize("settings", [{"file": {"root": "/"}}, {"env": {}}, {"vault": {"kind": "file", "root": "/"}}])
def test_local_kinds_are_refused_unless_switched_on(settings):
    with pytest.raises(BackendsInvalid, match="DEVELOPMENT_SECRETS"):
        build_backends(settings)


def test_variables_are_only_read_from_an_environment_that_was_given():
    with pytest.raises(BackendsInvalid, match="no environment"):
        build_backends({"env": {}}, development=True)


@pytest.mark.parametrize(
    ("alias", "raw", "word"),
    [
        ("Vault", {}, "alias"),
        ("a" * 33, {}, "alias"),
        ("gone", {}, "kind"),
        ("vault", {}, "url"),
        ("vault", {"url": "http://vault.example", "login": LOGIN}, "https"),
        ("vault", {"url": "https://not-a-real-secret-1@vault.example", "login": LOGIN}, "host and port"),
        ("vault", {"url": "https://vault.example/v1", "login": LOGIN}, "host and port"),
        ("vault", {"url": "https://vault.example", "login": {"method": "gone"}}, "method"),
        ("vault", {"url": "https://vault.example", "login": {"method": "token"}}, "token_file"),
        ("vault", {"url": "https://vault.example", "login": {**LOGIN, "token_file": "/x"}}, "token_file"),
        ("vault", {"url": "https://vault.example", "login": {"method": "approle", "role_id": "x", "secret": "not-a-real-secret-1"}}, "secret: Extra"),
        ("vault", {"url": "https://vault.example", "login": {"method": "approle", "role_id": "x"}}, "secret_id_file"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "mount": "../sys"}, "mount"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "prefix": "tenants/"}, "prefix"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "password": "not-a-real-secret-1"}, "password"),
        ("vault", {"url": "https://vault.example", "login": {"method": "jwt", "role": "hub"}}, "jwt_file"),
        ("vault", {"url": "https://vault.example", "login": {"method": "aws", "role": "hub", "region": "eu.evil.example/"}}, "region"),
        ("aws-sm", {"prefix": "../other"}, "prefix"),
        ("aws-sm", {"role_arn": "arn:aws:s3:::not-a-real-secret-1"}, "role_arn"),
        ("aws-ssm", {"prefix": "aws-hub"}, "prefix"),
        ("azure-kv", {}, "vault_url"),
        ("azure-kv", {"vault_url": "https://{tenant}{tenant}.vault.azure.net"}, "vault_url"),
        ("azure-kv", {"vault_url": "https://hub.{tenant}.example"}, "vault_url"),
        ("azure-kv", {"vault_url": "http://hub.vault.azure.net"}, "vault_url"),
        ("azure-kv", {"vault_url": "https://not-a-real-secret-1@hub.vault.azure.net"}, "vault_url"),
        ("azure-kv", {"vault_url": "https://hub.vault.azure.net", "login": {"method": "client_secret", "client_secret": "not-a-real-secret-1"}}, "tenant_id"),
        ("gcp-sm", {"project": "hub-{tenant}-{tenant}"}, "project"),
        ("gcp-sm", {"project": "hub/../other"}, "project"),
        ("gcp-sm", {"project": "hub", "emulator": "http://metadata.example"}, "emulator"),
        ("k8s", {}, "root"),
        ("file", {}, "root"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named_and_never_shown(alias, raw, word):
    with pytest.raises(BackendsInvalid, match=word) as refusal:
        build_backends({alias: raw}, development=True)
    assert "not-a-real-secret" not in str(refusal.value)
    assert refusal.value.__context__ is None


EVERY_KIND = {
    "vault": {"url": "https://vault.example", "login": LOGIN},
    "aws-vault": {"kind": "vault", "url": "https://vault.example", "login": {"method": "aws", "role": "hub"}},
    "aws-sm": {},
    "aws-ssm": {},
    "azure-kv": {"vault_url": "https://hub-{tenant}.vault.azure.net"},
    "gcp-sm": {"project": "hub-{tenant}"},
    "k8s": {"root": "/gone"},
}


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_kinds_of_production_need_no_switch():
    assert {alias: one.kind for alias, one in build_backends(EVERY_KIND).items()} == {
        alias: alias if alias != "aws-vault" else "vault" for alias in EVERY_KIND
    }


def test_a_backend_costs_nothing_until_a_secret_is_read():
    code = f"""
import sys, threading
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.resolver import Resolver
Resolver(build_backends({EVERY_KIND!r}))
heavy = {{"hvac", "requests", "urllib3", "aiohttp", "boto3", "botocore", "azure.core", "azure.identity", "grpc", "google.auth"}}
print(sorted(heavy & set(sys.modules)), threading.active_count())
"""
    assert run(code) == "[] 1"


@pytest.mark.parametrize(
    ("alias", "hidden", "extra"),
    [
        ("aws-sm", "boto3", "aws"),
        ("aws-ssm", "boto3", "aws"),
        ("aws-vault", "botocore", "aws"),
        ("azure-kv", "azure", "azure"),
        ("azure-kv", "azure.identity", "azure"),
        ("gcp-sm", "google", "gcp"),
    ],
)
def test_a_missing_client_is_named_with_the_extra_that_brings_it_and_only_where_it_is_needed(alias, hidden, extra):
    wanted = {alias: EVERY_KIND[alias]}
    others = {name: one for name, one in EVERY_KIND.items() if name in {"vault", "k8s"}}
    code = f"""
import sys
from importlib.abc import MetaPathFinder

class Hides(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {hidden!r} or name.startswith({hidden + "."!r}):
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Hides())
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import BackendsInvalid
build_backends({others!r})
try:
    build_backends({wanted!r})
except BackendsInvalid as invalid:
    print(invalid)
"""
    assert f"integrations-hub[{extra}]" in run(code)
    assert f"SECRET_BACKENDS: {alias}:" in run(code)


def test_settings_show_no_secret():
    (backend,) = build_backends({"vault": {"url": "https://vault.example", "login": LOGIN}}).values()

    assert "not-a-real-secret" not in repr(backend._settings) + repr(vars(backend))
