"""Secrets pasted into a config are found, and never repeated."""

import pytest

from integrations_hub.connector.config_safety import find_secrets

RUN = "Zz09" * 10  # put together at run time, so that no line here has a token's form
PASTED = [
    "-----" + "BEGIN RSA PRIVATE" + " KEY-----\nZz09",
    "-----" + "BEGIN PRIVATE" + " KEY-----",
    "-----" + "BEGIN ENCRYPTED PRIVATE" + " KEY-----",
    "gh" + "p_" + RUN,
    "gh" + "s_1234_" + RUN,
    "github" + "_pat_" + RUN,
    "gl" + "pat-" + RUN,
    "xo" + "xb-" + RUN,
    "AK" + "IA" + "ABCDEFGHIJKLMNOP",
    "hv" + "s." + RUN,
    "dckr" + "_pat_" + RUN,
    "ey" + "J" + RUN + "." + RUN + "." + RUN,
    "https://user:" + RUN + "@h.example/",
    "the token is gh" + "p_" + RUN + ", keep it",
    "HTTPS:\\\\" + RUN + "@h.example",
]


@pytest.mark.parametrize("secret", PASTED)
def test_a_pasted_secret_is_found_wherever_it_is(secret):
    config = {"a": [{"b": secret}], secret: 1}

    found = find_secrets(config)

    assert {pointer for pointer, _ in found} == {"", "/a/0/b"}
    assert secret not in str(found)
    assert RUN not in str(found)
    assert all("authRefUri" in sentence for _, sentence in found)


@pytest.mark.parametrize(
    "value",
    [
        "https://h.example/a@b",
        "registry.example.com",
        "sk-foo",
        "npm_packages",
        "-----BEGIN CERTIFICATE-----",
        "user@example.com",
        5,
        None,
        True,
        "ghp_",
        "xox",
    ],
)
def test_ordinary_values_are_left_alone(value):
    assert find_secrets({"field": value, "list": [value]}) == ()


def test_a_config_nested_too_deep_is_refused_without_walking_it():
    config: dict[str, object] = {}
    for _ in range(100_000):
        config = {"a": config}

    assert [sentence for _, sentence in find_secrets(config)] == ["The config is nested deeper than 16 levels."]


def test_sixteen_levels_are_allowed():
    config: dict[str, object] = {"a": 1}
    for _ in range(15):
        config = {"a": config}

    assert find_secrets(config) == ()
    assert find_secrets({"a": config}) != ()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["a", "BEGIN ", "-eyJ", ":\\\\", "a://", "AKIA", "a.", "\u00e9"])
def test_a_long_text_is_searched_at_once(part):
    assert find_secrets({"text": part * (262_144 // len(part))}) == ()


def test_a_token_pasted_as_a_name_is_not_in_the_pointer():
    token = "a1b2c3d4" * 4
    (found,) = find_secrets({token: {"endpoint": "https://" + "user:pw@h.example"}})
    assert token not in str(found)
