"""The page of secret backends is what the code does: each setting, each place, and the examples."""

import json
import re
from hashlib import sha256
from typing import get_args

import pytest
from pydantic import BaseModel

from integrations_hub.credentials import azure_settings, backends, vault_settings
from integrations_hub.credentials.backends import build_backends
from tests.architecture.house import ROOT

PAGE = (ROOT / "infra" / "docs" / "secret-backends.md").read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
ROW = re.compile(r"^\| (`[^|]+) \| (.+?) \|(?: (.+?) \|)?$", re.MULTILINE)
KINDS = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(backends.BackendSettings)[0])}
LOGINS = {"vault": vault_settings.Login, "azure-kv": azure_settings.AzureLogin}


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields) - {"kind", "method"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_a_kind_is_in_its_table(kind: str) -> None:
    table = SECTIONS[kind].partition("| `login.method`")[0]
    shown = {name.strip("`"): default for name, default, _ in ROW.findall(table)}

    assert set(shown) == fields(KINDS[kind])
    for name, default in shown.items():
        field = KINDS[kind].model_fields[name]
        assert (default == "required") is field.is_required(), name
        if default.startswith("`") and not default.startswith("`{"):
            assert str(field.default) == default.strip("`")


@pytest.mark.parametrize("kind", LOGINS)
def test_every_login_is_there_with_its_settings(kind: str) -> None:
    table = SECTIONS[kind].partition("| `login.method`")[2]
    shown = {name.strip("`"): set(re.findall(r"`([a-z_]+)`", text)) for name, text, _ in ROW.findall(table)}
    logins = {one.model_fields["method"].default: fields(one) for one in get_args(get_args(LOGINS[kind])[0])}

    assert set(shown) == set(logins)
    for method, names in logins.items():
        assert names <= shown[method], method


def test_the_example_is_accepted() -> None:
    (example,) = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"vault"' in text]

    assert set(build_backends(example)) == set(example)


def test_a_secret_lies_where_the_page_says() -> None:
    built = build_backends(
        {
            "vault": {"url": "https://vault.example", "login": {"method": "token", "token": "not-a-real-token"}},
            "aws-sm": {},
            "aws-ssm": {},
            "azure-kv": {"vault_url": "https://hub.vault.azure.net"},
            "gcp-sm": {"project": "hub"},
            "k8s": {"root": "/"},
            "env": {},
        },
        development=True,
        environment={},
    )
    shown = dict(re.findall(r"^\| `([a-z-0-9]+)`[^|]* \| (.+) \|$", SECTIONS_OF_PLACES, re.MULTILINE))

    assert set(shown) == set(built)
    for alias, backend in built.items():
        found = backend.place("acme", "github/app")
        names = [
            part for part in (found if isinstance(found, tuple) else (found,)) if part and "https:" not in str(part)
        ]
        assert [name for name in names if str(name).lstrip("/").rpartition("secrets/")[2] in shown[alias]] == names
    assert sha256(b"acme").hexdigest()[:32] in PAGE


SECTIONS_OF_PLACES = PAGE.partition("## Where a tenant's secret lies")[2].partition("\n## ")[0]
