"""What a registry integration may be configured with, and how a wrong config is refused."""

from typing import Any

import pytest
import trustme

from integrations_hub.connector.contract import Category, CredentialNeed, Endpoint, Target
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub_docker_registry import DockerRegistryConnector

REGISTRY = DockerRegistryConnector()


def refusal(config):
    with pytest.raises(ConfigInvalid) as refused:
        REGISTRY.validate_config(config)
    assert refused.value.__context__ is None
    return refused.value


def test_it_is_a_registry_that_may_be_used_without_a_secret():
    assert (REGISTRY.type, REGISTRY.category) == ("docker-registry", Category.REGISTRY)
    assert REGISTRY.credential is CredentialNeed.OPTIONAL
    assert REGISTRY.capabilities == ("discover:repositories", "discover:tags")


def test_a_config_is_kept_in_normal_form_and_says_where_it_points():
    authority = trustme.CA().cert_pem.bytes().decode()

    config = REGISTRY.validate_config(
        {"endpoint": "R.example:5000/v2/", "repository": "team/app", "caBundle": authority}
    )

    assert REGISTRY.endpoint(config) == Endpoint("https://r.example:5000", authority)
    assert REGISTRY.target(config) == Target("r.example", 5000)
    assert REGISTRY.validate_config(config.model_dump(by_alias=True)) == config


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({}, "/endpoint"),
        ({"endpoint": 5}, "/endpoint"),
        ({"endpoint": "https://r.example/v1/"}, "/endpoint"),
        ({"endpoint": "r.example", "repository": "team/app:1.0"}, "/repository"),
        ({"endpoint": "r.example", "repository": "team/app\n"}, "/repository"),
        ({"endpoint": "r.example", "repository": "a" * 256}, "/repository"),
        ({"endpoint": "r.example", "caBundle": "nonsense"}, "/caBundle"),
        ({"endpoint": "r.example", "password": "x"}, "/password"),
        ({"endpoint": "r.example", "not a/field": 1}, ""),
    ],
)
def test_a_wrong_config_is_refused_by_pointer_and_sentence(config, pointer):
    violations = refusal(config).violations

    assert [at for at, _ in violations] == [pointer]
    assert violations[0][1].endswith((".", ")"))


@pytest.mark.parametrize("name", ["endpoint", "repository", "caBundle", "password"])
def test_a_pasted_token_is_refused_before_anything_else_and_not_repeated(name):
    pasted = "dckr" + "_pat_" + "canary" * 5

    refused = refusal({"endpoint": "https://r.example", name: pasted})

    assert refused.violations[0][0] == f"/{name}"
    assert "canary" not in f"{refused} {refused!r} {refused.violations}"


def test_the_schema_has_no_secret_field_and_forbids_unknown_ones():
    schema: Any = REGISTRY.config_schema()

    assert set(schema["properties"]) == {"endpoint", "repository", "caBundle", "clientCertificateRef", "proxy"}
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["endpoint"]
