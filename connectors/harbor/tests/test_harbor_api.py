"""Harbor's API as data: addresses and answers, decided without a network."""

import json

import pytest

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub_harbor import api
from integrations_hub_harbor.documents import pages

ROOTS = [
    ("https://h.example", "https://h.example/api/v2.0"),
    ("https://h.example/", "https://h.example/api/v2.0"),
    ("https://H.Example:443", "https://h.example/api/v2.0"),
    ("https://h.example:8443", "https://h.example:8443/api/v2.0"),
    ("http://h.internal", "http://h.internal/api/v2.0"),
    ("https://h.example/sub", "https://h.example/sub/api/v2.0"),
    ("https://h.example/harbor", "https://h.example/harbor/api/v2.0"),
    ("https://h.example/sub//deep/", "https://h.example/sub/deep/api/v2.0"),
    ("https://h.example/api/v2.0", "https://h.example/api/v2.0"),
    ("https://h.example//API//V2.0//", "https://h.example/api/v2.0"),
    ("https://h.example/sub/api/v2.0/", "https://h.example/sub/api/v2.0"),
]

REFUSED = [
    "https://h.example/api",
    "https://h.example/api/v1.0",
    "https://h.example/api/v2.0/projects",
    "https://h.example/api/v2.0/api/v2.0",
    "https://h.example/harbor/projects",
    "https://h.example/harbor/sign-in",
    "https://h.example/account/sign-in",
    "https://h.example/v2",
    "https://user:pass@h.example",
    "https://h.example/?x",
    "https://h.example/#x",
    "https://h.example/%61",
    "https://h.example/a/../b",
    "https://h.example\\b",
    "https://h.example/;a",
    "https://h.example/\x07",
    "https://h.example:0",
    "https://h.example:99999",
    "ldap://h.example",
]


def answer(document, status=200, **fields):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(status, Headers(fields.items()), body)


@pytest.mark.parametrize(("given", "root"), ROOTS)
def test_an_address_has_one_api_root_and_the_root_is_its_own(given, root):
    assert api.api_root(given) == root
    assert api.api_root(root) == root


@pytest.mark.parametrize("given", REFUSED)
def test_a_portal_page_or_a_doubtful_address_is_refused_with_a_sentence(given):
    with pytest.raises(ValueError, match=r"\.$"):
        api.api_root(given)


@pytest.mark.parametrize("body", [b"Pong", b"Pong\n", b'"Pong"'])
def test_harbor_answers_a_ping(body):
    assert api.decode_ping(answer(body)) is None


@pytest.mark.parametrize("body", [b"", b"pong!", b"<html>Pong</html>", b"{}"])
def test_another_product_answers_a_ping_otherwise(body):
    with pytest.raises(CheckFailed) as failed:
        api.decode_ping(answer(body))

    assert failed.value.reason is Reason.WRONG_PRODUCT


def test_health_names_what_is_down_and_whether_it_matters():
    document = {
        "status": "unhealthy",
        "components": [
            {"name": "core", "status": "healthy"},
            {"name": "redis", "status": "unhealthy", "error": "x" * 5000},
            {"name": "trivy", "status": "unhealthy"},
            {"name": "novelty"},
        ],
    }

    down = api.decode_health(answer(document))

    assert [(one.name, one.essential) for one in down] == [("redis", True), ("trivy", False), ("novelty", False)]
    assert len(down[0].error) == 200


@pytest.mark.parametrize("document", [[], {}, {"components": {}}, {"components": [1]}, {"status": "healthy"}, None])
def test_a_health_document_of_another_shape_is_another_product(document):
    with pytest.raises(CheckFailed) as failed:
        api.decode_health(answer(document))

    assert failed.value.reason is Reason.WRONG_PRODUCT


def test_who_is_logged_in_is_told_version_and_mode():
    info = api.decode_system_info(answer({"auth_mode": "db_auth", "harbor_version": "v2.15.2", "read_only": True}))

    assert info == api.SystemInfo("v2.15.2", read_only=True)


def test_who_is_not_told_the_version_is_anonymous_and_so_rejected():
    with pytest.raises(CheckFailed) as failed:
        api.decode_system_info(answer({"auth_mode": "db_auth", "harbor_version": None}))

    assert failed.value.reason is Reason.CREDENTIAL_REJECTED
    assert "expired" in failed.value.remedy


@pytest.mark.parametrize("document", [[], "x", {"version": 1}, 5])
def test_a_systeminfo_of_another_shape_is_another_product(document):
    with pytest.raises(CheckFailed) as failed:
        api.decode_system_info(answer(document))

    assert failed.value.reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    ("total", "count"),
    [("0", 0), ("1", 1), ("100", 1), ("101", 2), ("99999", 1000), ("-1", 0), ("x", 0), ("9" * 30, 0)],
)
def test_pages_are_counted_from_the_total(total, count):
    assert pages(answer([], **{"X-Total-Count": total})) == count
