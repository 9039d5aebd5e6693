"""What a Harbor integration may be configured with, and how a wrong config is refused."""

from typing import Any

import pytest
import trustme

from integrations_hub.connector.contract import Endpoint, Target
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub_harbor import HarborConnector

HARBOR = HarborConnector()


def refusal(config):
    with pytest.raises(ConfigInvalid) as refused:
        HARBOR.validate_config(config)
    assert refused.value.__context__ is None
    return refused.value


def test_a_config_is_kept_in_normal_form_and_says_where_it_points():
    authority = trustme.CA().cert_pem.bytes().decode()

    config = HARBOR.validate_config(
        {"endpoint": "https://H.example:8443/", "project": "payments", "caBundle": authority}
    )

    assert HARBOR.endpoint(config) == Endpoint("https://h.example:8443/api/v2.0", authority)
    assert HARBOR.target(config) == Target("h.example", 8443)
    assert HARBOR.validate_config(config.model_dump(by_alias=True)) == config


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({}, "/endpoint"),
        ({"endpoint": 5}, "/endpoint"),
        ({"endpoint": "https://h.example/api"}, "/endpoint"),
        ({"endpoint": "https://h.example", "project": "Not A Project"}, "/project"),
        ({"endpoint": "https://h.example", "caBundle": "nonsense"}, "/caBundle"),
        ({"endpoint": "https://h.example", "unknown": 1}, "/unknown"),
        ({"endpoint": "https://h.example", "not a/field": 1}, ""),
    ],
)
def test_a_wrong_config_is_refused_by_pointer_and_sentence(config, pointer):
    violations = refusal(config).violations

    assert [at for at, _ in violations] == [pointer]
    assert violations[0][1].endswith((".", ")"))


@pytest.mark.parametrize("field", ["endpoint", "project", "caBundle", "password"])
def test_a_pasted_secret_is_refused_before_anything_else_and_not_repeated(field):
    secret = "gl" + "pat-" + "canary" * 5

    refused = refusal({"endpoint": "https://h.example", field: secret})

    assert refused.violations[0][0] == f"/{field}"
    assert "canary" not in f"{refused} {refused!r} {refused.violations}"


def test_what_is_refused_is_not_repeated_either():
    refused = refusal(
        {"endpoint": "https://canary\x00", "project": "canary!", "canary!": "canary", "caBundle": "canary"}
    )

    assert len(refused.violations) == 4
    assert "canary" not in f"{refused} {refused!r}"


def test_the_schema_has_no_secret_field_and_forbids_unknown_ones():
    schema: Any = HARBOR.config_schema()

    assert set(schema["properties"]) == {"endpoint", "project", "caBundle", "clientCertificateRef", "proxy"}
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["endpoint"]
