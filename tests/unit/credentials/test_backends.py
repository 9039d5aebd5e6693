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
        ("vault", {"url": "https://vault.example", "login": {"method": "approle", "role_id": "x", "secret": "not-a-real-secret-1"}}, "secret_id"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "mount": "../sys"}, "mount"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "prefix": "tenants/"}, "prefix"),
        ("vault", {"url": "https://vault.example", "login": LOGIN, "password": "not-a-real-secret-1"}, "password"),
        ("file", {}, "root"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named_and_never_shown(alias, raw, word):
    with pytest.raises(BackendsInvalid, match=word) as refusal:
        build_backends({alias: raw}, development=True)
    assert "not-a-real-secret" not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_a_vault_costs_nothing_until_a_secret_is_read():
    code = """
import sys
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.resolver import Resolver
Resolver(build_backends({"vault": {"url": "https://vault.example", "login": {"method": "token", "token": "x"}}}))
import threading
print(sorted({"hvac", "requests", "urllib3", "aiohttp", "boto3"} & set(sys.modules)), threading.active_count())
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[] 1"


def test_settings_show_no_secret():
    (backend,) = build_backends({"vault": {"url": "https://vault.example", "login": LOGIN}}).values()

    assert "not-a-real-secret" not in repr(backend._settings) + repr(vars(backend))
