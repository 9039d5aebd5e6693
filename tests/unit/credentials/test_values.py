"""From what is stored to named fields: each form has one reading."""

import json

import pytest

from integrations_hub.credentials.values import read_document, read_text, select

KEY = "-----BEGIN RSA PRIVATE {0}-----\nbm90LWEtcmVhbC1rZXk=\n-----END RSA PRIVATE {0}-----".format("KEY")


def shown(fields):
    return {name: secret.reveal() for name, secret in fields.items()}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("not-a-real-secret-1", {"token": "not-a-real-secret-1"}),
        ("not-a-real-secret-1\r\n", {"token": "not-a-real-secret-1"}),
        ("robot$x:not-a-real:secret", {"username": "robot$x", "password": "not-a-real:secret"}),
        ("user:with a space", {"username": "user", "password": "with a space"}),
        ("https://not.a.login", {"token": "https://not.a.login"}),
        ("two\nlines: here", {"token": "two\nlines: here"}),
        (":no-user", {"token": ":no-user"}),
        ("no-password:", {"token": "no-password:"}),
        (KEY + "\n", {"private_key": KEY}),
        ('{"username": "u", "password": "p"}', {"username": "u", "password": "p"}),
        ('{"id": 7, "on": true, "none": null, "more": [1]}', {"id": "7", "on": "true", "more": "[1]"}),
        ('{"broken', {"token": '{"broken'}),
        ("[1]", {"token": "[1]"}),
        ("", {}),
    ],
)
def test_a_text_is_read_by_its_form(text, fields):
    assert shown(read_text(text).fields) == fields


def test_a_text_nested_beyond_reason_is_a_text():
    assert list(read_text('{"a":' * 100_000).fields) == ["token"]


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        (["a.example", " b.example:8443 "], ("a.example", "b.example:8443")),
        ("a.example, b.example", ("a.example", "b.example")),
        ('["a.example"]', ("a.example",)),
        ("", ()),
        ([], ()),
        (7, ()),
        (None, ()),
        ({"a.example": True}, ()),
        ('["a.example"', ()),
        ([7, None, "a.example"], ("a.example",)),
    ],
)
def test_allowed_hosts_is_a_rule_and_never_a_field(value, hosts):
    values = read_document({"token": "not-a-real-secret-1", "allowed_hosts": value})

    assert values.allowed_hosts == hosts
    assert shown(values.fields) == {"token": "not-a-real-secret-1"}
    assert read_text(json.dumps({"token": "x", "allowed_hosts": value})).allowed_hosts == hosts


def test_a_secret_that_says_nothing_of_hosts_restricts_nothing():
    assert read_document({"token": "x"}).allowed_hosts is None


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        (
            None,
            {"token": "a:b", "harbor-robot": "robot$x:pw", "deploy": '{"username": "u", "password": "p"}', "empty": ""},
        ),
        ("token", {"token": "a:b"}),
        ("harbor-robot", {"harbor-robot": "robot$x:pw", "username": "robot$x", "password": "pw"}),
        ("deploy", {"deploy": '{"username": "u", "password": "p"}', "username": "u", "password": "p"}),
    ],
)
def test_a_key_selects_one_value_and_its_form_says_what_it_is(key, fields):
    values = read_document(
        {"token": "a:b", "harbor-robot": "robot$x:pw", "deploy": '{"username": "u", "password": "p"}', "empty": ""}
    )

    credential = select(values, key)

    assert credential is not None
    assert shown(credential.fields) == fields


@pytest.mark.parametrize("key", ["gone", "allowed_hosts", "empty", ".."])
def test_there_is_nothing_under_other_keys(key):
    assert select(read_document({"token": "x", "empty": "", "allowed_hosts": "a.example"}), key) is None


def test_nothing_shows_a_value():
    values = read_document({"token": "not-a-real-secret-1", "number": 1234567})

    assert "not-a-real" not in repr(values)
    assert "1234567" not in repr(values)
