"""What a GitHub integration may be configured with, and how a wrong config is refused."""

from typing import Any

import pytest
import trustme

from integrations_hub.connector.contract import Endpoint, Target
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub_github import GitHubConnector

GITHUB = GitHubConnector()
CONFIG = {"endpoint": "https://ghes.example", "appId": 7, "installationId": 70}


def refusal(config):
    with pytest.raises(ConfigInvalid) as refused:
        GITHUB.validate_config(config)
    assert refused.value.__context__ is None
    return refused.value


def test_a_config_is_kept_in_normal_form_and_says_where_it_points():
    authority = trustme.CA().cert_pem.bytes().decode()
    given = {**CONFIG, "endpoint": "https://GHES.example:8443/", "permissions": {"contents": "read"}}

    config = GITHUB.validate_config({**given, "caBundle": authority})

    assert GITHUB.endpoint(config) == Endpoint("https://ghes.example:8443/api/v3", authority)
    assert GITHUB.target(config) == Target("ghes.example", 8443)
    assert GITHUB.validate_config(config.model_dump(by_alias=True)) == config


@pytest.mark.parametrize(
    ("endpoint", "names", "issuer"),
    [
        ("github.com", {"appId": 7}, "7"),
        ("github.com", {"clientId": "Iv23abcdef"}, "Iv23abcdef"),
        ("github.com", {"appId": 7, "clientId": "Iv23abcdef"}, "Iv23abcdef"),
        ("octocorp.ghe.com", {"appId": 7, "clientId": "Iv23abcdef"}, "Iv23abcdef"),
        ("ghes.example", {"appId": 7, "clientId": "Iv23abcdef"}, "7"),
        ("ghes.example", {"clientId": "Iv1.abcdef"}, "Iv1.abcdef"),
    ],
)
def test_the_app_is_named_as_the_github_at_hand_knows_it(endpoint, names, issuer):
    assert GITHUB.validate_config({"endpoint": endpoint, "installationId": 70, **names}).issuer == issuer


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"endpoint": None}, "/endpoint"),
        ({"endpoint": "https://github.com/octocorp"}, "/endpoint"),
        ({"appId": 0}, "/appId"),
        ({"appId": "7"}, "/appId"),
        ({"appId": True}, "/appId"),
        ({"appId": 2**53}, "/appId"),
        ({"appId": None}, ""),
        ({"clientId": "0123456789abcdef0123456789abcdef01234567"}, "/clientId"),
        ({"installationId": -1}, "/installationId"),
        ({"permissions": {"contents": "owner"}}, "/permissions/contents"),
        ({"permissions": ["contents"]}, "/permissions"),
        (
            {"permissions": {f"p_{'x' * n}": "read" for n in range(1, 60)} | {"Contents": "read"}},
            "/permissions/Contents",
        ),
        ({"caBundle": "nonsense"}, "/caBundle"),
        ({"unknown": 1}, "/unknown"),
    ],
)
def test_a_wrong_config_is_refused_by_pointer_and_sentence(change, pointer):
    violations = refusal({**CONFIG, **change}).violations

    assert violations[0][0].startswith(pointer)
    assert len(violations) == 1
    assert violations[0][1].endswith((".", ")"))


@pytest.mark.parametrize("field", ["endpoint", "clientId", "caBundle", "privateKey"])
@pytest.mark.parametrize(
    "secret",
    ["-----BEGIN RSA " + "PRIVATE KEY-----\ncanary\n", "gh" + "s_" + "canary" * 6, "gh" + "s_7_eyJ" + "canary" * 30],
    ids=["private key", "token", "long token"],
)
def test_a_pasted_secret_is_refused_before_anything_else_and_not_repeated(field, secret):
    refused = refusal({**CONFIG, field: secret})

    assert refused.violations[0][0] == f"/{field}"
    assert "canary" not in f"{refused} {refused!r} {refused.violations}"


def test_a_secret_pasted_as_a_name_is_not_repeated_either():
    refused = refusal({**CONFIG, "permissions": {"gh" + "s_" + "canary" * 6: "read"}})

    assert refused.violations[0][0] == "/permissions"
    assert "canary" not in f"{refused} {refused!r}"


def test_what_is_refused_is_not_repeated():
    refused = refusal(
        {"endpoint": "https://canary\x00", "appId": "canary", "clientId": "canary!", "caBundle": "canary", "canary!": 1}
    )

    assert len(refused.violations) == 6
    assert "canary" not in f"{refused} {refused!r}"


def test_the_schema_has_no_secret_field_and_forbids_unknown_ones():
    schema: Any = GITHUB.config_schema()

    assert set(schema["properties"]) == {
        "endpoint", "appId", "clientId", "installationId", "permissions", "caBundle", "clientCertificateRef", "proxy",
    }  # fmt: skip
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["endpoint", "installationId"]
    assert schema["anyOf"] == [{"required": ["appId"]}, {"required": ["clientId"]}]
