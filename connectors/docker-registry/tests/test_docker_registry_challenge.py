"""`WWW-Authenticate` as registries write it, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub_docker_registry.challenge import Challenge, challenge_of, read_challenges, token_service

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
AUTH = {"realm": "https://a.example/token", "service": "r"}


def pairs(text):
    return [(one.scheme, dict(one.parameters)) for one in read_challenges(text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (HUB, [("bearer", {"realm": "https://auth.docker.io/token", "service": "registry.docker.io"})]),
        ('BEARER Realm = "https://a.example/token" , SERVICE = r', [("bearer", AUTH)]),
        ("Bearer service=r,realm=https://a.example/token", [("bearer", AUTH)]),
        ('Basic realm="a, b=\\"c\\", Bearer realm=\\\\"', [("basic", {"realm": 'a, b="c", Bearer realm=\\'})]),
        (
            'Basic realm="x", Bearer realm="y",scope="a b,c"',
            [("basic", {"realm": "x"}), ("bearer", {"realm": "y", "scope": "a b,c"})],
        ),
        ("Negotiate, Basic realm=x", [("negotiate", {}), ("basic", {"realm": "x"})]),
        ("NTLM TlRMTVNTUAAC==, Basic realm=x", [("ntlm", {}), ("basic", {"realm": "x"})]),
        (", ,Basic", [("basic", {})]),
        ('Bearer realm="one",realm="two"', [("bearer", {"realm": "one"})]),
        ('Bearer realm=""', [("bearer", {"realm": ""})]),
        ('Bearer realm="one", Basic realm="not closed', [("bearer", {"realm": "one"}), ("basic", {})]),
        ('Bearer realm="one" service="two"', [("bearer", {})]),
        ('realm="one", Basic', [("basic", {})]),
        ("", []),
        ("   ", []),
        ("@@@", []),
    ],
)
def test_challenges_are_read_in_their_order(text, read):
    assert pairs(text) == read


def chosen(text):
    return challenge_of(Answer(401, Headers([("WWW-Authenticate", text)])))


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ('Basic realm="x", Bearer realm="y"', "bearer"),
        ('Bearer realm="y", Basic realm="x"', "bearer"),
        ("Bearer, Basic", "basic"),
        ("Bearer", "bearer"),
        ("Digest realm=x, Basic realm=x", "basic"),
    ],
)
def test_a_token_service_comes_first_then_basic(text, scheme):
    assert chosen(text).scheme == scheme


@pytest.mark.parametrize("text", ["", "Negotiate", "Digest realm=x"])
def test_a_challenge_nobody_here_can_meet_is_none(text):
    assert chosen(text) is None


def test_repeated_header_fields_are_one_list():
    answer = Answer(401, Headers([("WWW-Authenticate", 'Basic realm="x"'), ("www-authenticate", HUB)]))

    assert challenge_of(answer).parameters["service"] == "registry.docker.io"


@given(st.text(st.sampled_from('ab ="\\,\t:/'), max_size=400))
def test_any_text_is_read_without_a_fault(text):
    for one in read_challenges(text):
        assert one.scheme == one.scheme.lower()


@pytest.mark.parametrize(
    "text",
    [
        "Bearer " + "a" * 10**6,
        "a " * 10**6,
        'Bearer realm="' + "\\" * 10**6,
        "=," * 10**6,
        "Bearer realm=" + " " * 10**6,
    ],
)
def test_an_endless_challenge_is_read_as_far_as_it_goes(text):
    assert len(read_challenges(text)) <= 8192


def service(realm, **parameters):
    return token_service(Challenge("bearer", {"realm": realm, **parameters}))


def test_a_token_service_is_an_address_and_what_is_asked_along():
    found = service("https://a.example:8443/jwt/auth/?tenant=x&service=y", service="r", scope="repository:other:push")

    assert (found.origin, found.path) == ("https://a.example:8443", "/jwt/auth/")
    assert found.params == {"tenant": "x", "service": "r"}


@pytest.mark.parametrize(
    "realm",
    [
        "",
        "registry",
        "/token",
        "//a.example/token",
        "https://",
        "https://[",
        "https://a.example/\r\nX: 1",
        "https://ä.example",
        "https://a.example/\x00",
    ],
)
def test_a_realm_that_is_no_address_is_another_product(realm):
    with pytest.raises(CheckFailed) as failed:
        service(realm)

    assert failed.value.reason is Reason.WRONG_PRODUCT
