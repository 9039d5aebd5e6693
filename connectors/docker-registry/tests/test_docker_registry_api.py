"""A registry's documents as data, decided without a network."""

import json

import pytest

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub_docker_registry import api, errors, paging

VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
SCOPED = {"WWW-Authenticate": 'Bearer realm="https://a.example",service="r",scope="repository:team/app:pull"'}
BASIC = {"WWW-Authenticate": 'Basic realm="x"'}
UNAUTHORIZED = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": None}]}


def answer(document, status=200, fields=None):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(status, Headers((fields or {}).items()), body)


def reason_of(decode, *arguments, **options):
    with pytest.raises(CheckFailed) as failed:
        decode(*arguments, **options)
    assert failed.value.remedy
    return failed.value.reason


# --- /v2/ ---


@pytest.mark.parametrize(
    "given",
    [
        answer({}, 200, VERSION),
        answer(b"", 200, VERSION),
        answer(b"true", 200, VERSION),
        answer({}),
        answer(UNAUTHORIZED, 401, BASIC),
        answer(UNAUTHORIZED, 401, {**BASIC, **VERSION}),
        answer(b"Not Authorized\n", 401, {**BASIC, **VERSION}),
        answer(b"", 401, {"WWW-Authenticate": 'Bearer realm="https://a.example"', **VERSION}),
    ],
)
def test_a_registry_is_known_by_its_field_or_its_documents(given):
    assert api.decode_base(given) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer(b"<html>welcome</html>"), Reason.WRONG_PRODUCT),
        (answer(b""), Reason.WRONG_PRODUCT),
        (answer(b"", 200, {"Docker-Distribution-Api-Version": "registry/1.0"}), Reason.WRONG_PRODUCT),
        (answer([]), Reason.WRONG_PRODUCT),
        (answer({"status": "ok"}), Reason.WRONG_PRODUCT),
        (answer(b"<html>sign in</html>", 401, BASIC), Reason.WRONG_PRODUCT),
        (answer(UNAUTHORIZED, 401), Reason.WRONG_PRODUCT),
        (answer(UNAUTHORIZED, 401, {"WWW-Authenticate": "Negotiate"}), Reason.WRONG_PRODUCT),
        (answer({"errors": ["UNAUTHORIZED"]}, 401, BASIC), Reason.WRONG_PRODUCT),
        (answer(b"not found", 404), Reason.WRONG_PRODUCT),
        (answer({}, 404, VERSION), Reason.WRONG_PRODUCT),
        (answer(b"", 301), Reason.WRONG_PRODUCT),
        (answer(b"no", 403), Reason.WRONG_PRODUCT),
        (answer({"errors": [{"code": "DENIED"}]}, 403), Reason.PERMISSION_MISSING),
        (answer(b"", 429), Reason.RATE_LIMITED),
        (answer(b"", 408), Reason.TIMEOUT),
        (answer(b"<html>bad gateway</html>", 502), Reason.SERVER_ERROR),
    ],
)
def test_what_answers_otherwise_has_its_reason(given, reason):
    assert reason_of(api.decode_base, given) is reason


# --- errors of every shape ---


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        (UNAUTHORIZED, {"UNAUTHORIZED"}),
        (
            {"errors": [{"code": "denied"}, {"code": "NAME_UNKNOWN", "detail": {"name": ["deep"]}}]},
            {"DENIED", "NAME_UNKNOWN"},
        ),
        ({"errors": {"code": "DENIED"}}, {"DENIED"}),
        ({"errors": [{"code": 5}, None, "x", [], {"message": "m"}, {"code": ""}]}, set()),
        ({"errors": []}, set()),
        ({"errors": None}, set()),
        ({"details": "incorrect username or password"}, set()),
        ([], set()),
        ("errors", set()),
        (b"<html>", set()),
        (b"", set()),
        (b"[" * 100_000, set()),
    ],
)
def test_an_error_is_its_codes(document, codes):
    assert errors.codes_of(answer(document, 400)) == codes


def test_of_an_error_only_known_codes_are_shown():
    given = answer({"errors": [{"code": "CANARY", "message": "canary"}, {"code": "DENIED"}]}, 403)

    assert errors.told(given) == "HTTP 403 DENIED"


# --- tags and repositories ---


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer(UNAUTHORIZED, 401), Reason.CREDENTIAL_REJECTED),
        (answer(UNAUTHORIZED, 401, BASIC), Reason.CREDENTIAL_REJECTED),
        (answer(UNAUTHORIZED, 401, SCOPED), Reason.PERMISSION_MISSING),
        (answer(UNAUTHORIZED, 401, {"WWW-Authenticate": "Bearer error=insufficient_scope"}), Reason.PERMISSION_MISSING),
        (answer({"errors": [{"code": "DENIED"}]}, 401), Reason.PERMISSION_MISSING),
        (answer({"errors": [{"code": "DENIED"}]}, 403), Reason.PERMISSION_MISSING),
        (answer({"errors": [{"code": "NAME_UNKNOWN"}]}, 404), Reason.INVALID_CONFIG),
        (answer({"errors": [{"code": "NOT_FOUND"}]}, 404), Reason.INVALID_CONFIG),
        (answer({"errors": [{"code": "NAME_INVALID"}]}, 400), Reason.INVALID_CONFIG),
        (answer(b"<html>", 404), Reason.WRONG_PRODUCT),
        (answer(b"", 429), Reason.RATE_LIMITED),
        (answer(b"", 500), Reason.SERVER_ERROR),
        (answer([]), Reason.WRONG_PRODUCT),
        (answer({}), Reason.WRONG_PRODUCT),
        (answer({"tags": "1.0"}), Reason.WRONG_PRODUCT),
        (answer({"tags": [1]}), Reason.WRONG_PRODUCT),
        (answer({"tags": ["../../x"]}), Reason.WRONG_PRODUCT),
        (answer({"tags": ["a" * 129]}), Reason.WRONG_PRODUCT),
    ],
)
def test_a_repository_that_cannot_be_pulled_has_its_reason(given, reason):
    assert reason_of(api.decode_tags, given, "team/app", anonymous=False) is reason


def test_an_empty_list_may_be_null():
    assert api.decode_tags(answer({"name": "team/app", "tags": None}), "team/app", anonymous=False) == ()
    assert api.decode_catalog(answer({"repositories": None}), anonymous=False) == ()


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_list_that_is_not_offered_is_said_so(status):
    given = answer(UNAUTHORIZED, status, SCOPED)

    assert reason_of(api.decode_catalog, given, anonymous=False) is Reason.PERMISSION_MISSING


def test_an_unsupported_list_is_not_offered_either():
    given = answer({"errors": [{"code": "UNSUPPORTED"}]}, 400)

    assert reason_of(api.decode_catalog, given, anonymous=False) is Reason.PERMISSION_MISSING


@pytest.mark.parametrize("names", [["a\nb"], ["x" * 256], [None], {}, ["with space"]])
def test_a_list_of_other_things_is_another_product(names):
    given = answer({"repositories": names})

    assert reason_of(api.decode_catalog, given, anonymous=False) is Reason.WRONG_PRODUCT


# --- pages ---

AT = "https://r.example/sub/v2/_catalog"


def onward(link, cursor=None):
    return paging.next_cursor(answer({}, fields={"Link": link} if link else {}), AT, cursor)


@pytest.mark.parametrize(
    ("link", "cursor"),
    [
        ("", None),
        ('</sub/v2/_catalog?last=team%2Fapp&n=100>; rel="next"', "last=team%2Fapp"),
        ("<_catalog?n=100&last=b>;rel=next", "last=b"),
        ('<?last=b&n=100>; title="x"; REL="next"', None),
        ('<https://r.example/sub/v2/_catalog?last=b>; rel="next"', "last=b"),
        (
            '<https://evil.example/>; rel="prev", </sub/v2/_catalog?next_page=gAAA%3D&n=100>; rel="next"',
            "next_page=gAAA%3D",
        ),
        ('<https://evil.example/>; rel="prev"', None),
    ],
)
def test_of_a_link_only_the_position_is_kept(link, cursor):
    assert onward(link) == cursor


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/sub/v2/_catalog?last=b",
        "//evil.example/sub/v2/_catalog?last=b",
        "http://r.example/sub/v2/_catalog?last=b",
        "https://r.example:8443/sub/v2/_catalog?last=b",
        "https://user@r.example/sub/v2/_catalog?last=b",
        "/v2/_catalog?last=b",
        "/sub/v2/../../x?last=b",
        "https://[?last=b",
        "/sub/v2/_catalog",
        "/sub/v2/_catalog?n=100",
        "/sub/v2/_catalog?last=a%0D%0Ab",
        "/sub/v2/_catalog?last=" + "x" * 2000,
        "/sub/v2/_catalog?last=same",
    ],
)
def test_a_link_out_of_the_list_or_to_nowhere_new_is_refused(url):
    assert reason_of(onward, f'<{url}>; rel="next"', "last=same") is Reason.WRONG_PRODUCT


def test_a_cursor_is_the_position_asked_for():
    assert paging.page_params(None) == {"n": "100"}
    assert paging.page_params("last=team%2Fapp") == {"n": "100", "last": "team/app"}


@pytest.mark.parametrize(
    "cursor", ["", "x", "n=5", "last=", "last=a&next_page=b", "last=a%00b", "last=" + "x" * 2000, "%"]
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor):
    assert reason_of(paging.page_params, cursor) is Reason.INVALID_CONFIG


# --- quota ---


def quota(limit, remaining):
    return api.decode_quota(answer(b"", fields={"ratelimit-limit": limit, "ratelimit-remaining": remaining}))


@pytest.mark.parametrize(
    ("limit", "remaining", "low"),
    [
        ("100;w=21600", "76;w=21600", False),
        ("100;w=21600", "10;w=21600", False),
        ("100;w=21600", "9;w=21600", True),
        ("200", "0", True),
    ],
)
def test_docker_hub_tells_how_many_pulls_are_left(limit, remaining, low):
    assert quota(limit, remaining).low is low


@pytest.mark.parametrize("told", ["", "many", "-1", "1e3", "9" * 40, "100, 100", "100;w=21600;x"])
def test_what_cannot_be_read_is_no_quota(told):
    assert quota(told, "5") is None
    assert quota("100", told) is None
