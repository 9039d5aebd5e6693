"""What a GitLab integration may be configured with, and how a wrong config is refused."""

from typing import Any

import pytest
import trustme

from integrations_hub.connector.contract import Category, CredentialNeed, Endpoint, Target
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub_gitlab import GitLabConnector

GITLAB = GitLabConnector()


def refusal(config):
    with pytest.raises(ConfigInvalid) as refused:
        GITLAB.validate_config(config)
    assert refused.value.__context__ is None
    return refused.value


def test_it_is_source_control_and_needs_a_credential():
    assert (GITLAB.type, GITLAB.category, GITLAB.credential) == ("gitlab", Category.SCM, CredentialNeed.REQUIRED)
    assert GITLAB.capabilities == ("discover:projects", "webhook")


def test_a_config_is_kept_in_normal_form_and_says_where_it_points():
    authority = trustme.CA().cert_pem.bytes().decode()

    config = GITLAB.validate_config({"endpoint": "https://G.example:8443/git/", "caBundle": authority})

    assert GITLAB.endpoint(config) == Endpoint("https://g.example:8443/git/api/v4", authority)
    assert GITLAB.target(config) == Target("g.example", 8443)
    assert GITLAB.validate_config(config.model_dump(by_alias=True)) == config


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({}, "/endpoint"),
        ({"endpoint": 5}, "/endpoint"),
        ({"endpoint": "https://g.example/api/v3"}, "/endpoint"),
        ({"endpoint": "https://g.example", "caBundle": "nonsense"}, "/caBundle"),
        ({"endpoint": "https://g.example", "token": "x"}, "/token"),
        ({"endpoint": "https://g.example", "not a/field": 1}, ""),
    ],
)
def test_a_wrong_config_is_refused_by_pointer_and_sentence(config, pointer):
    violations = refusal(config).violations

    assert [at for at, _ in violations] == [pointer]
    assert violations[0][1].endswith((".", ")"))


@pytest.mark.parametrize("prefix", ["pat", "ptt", "dt", "rt", "cbt", "ft", "agent", "soat"])
@pytest.mark.parametrize("name", ["endpoint", "caBundle", "token"])
def test_a_pasted_token_is_refused_before_anything_else_and_not_repeated(name, prefix):
    pasted = f"gl{prefix}-" + "canary" * 5

    refused = refusal({"endpoint": "https://g.example", name: pasted})

    assert refused.violations[0][0] == f"/{name}"
    assert "canary" not in f"{refused} {refused!r} {refused.violations}"


def test_a_token_in_the_address_is_refused_and_not_repeated():
    refused = refusal({"endpoint": "https://oauth2:canary@g.example"})

    assert "canary" not in f"{refused} {refused!r} {refused.violations}"


def test_the_schema_has_no_secret_field_and_forbids_unknown_ones():
    schema: Any = GITLAB.config_schema()

    assert set(schema["properties"]) == {"endpoint", "caBundle", "clientCertificateRef", "proxy"}
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["endpoint"]
