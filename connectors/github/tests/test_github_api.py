"""GitHub's API as data: answers, decided without a network."""

import json
import time

import pytest

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_github import api
from integrations_hub_github.errors import judge, message_of, provider_time
from integrations_hub_github.grants import METADATA, decode_token

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
NOW = 1_700_000_000
DOCUMENTATION = "https://docs.github.com/rest"
APP = {"id": 7, "client_id": "Iv23abcdef", "slug": "hub", "name": "The hub"}
GRANTED = {"contents": "write"}
INSTALLATION = {"id": 70, "account": {"login": "octocorp"}, "permissions": GRANTED, "suspended_at": None}
TOKEN = "not-a-real-token-1"


def answer(document, status=200, **fields):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(status, Headers((name.replace("_", "-"), value) for name, value in fields.items()), body)


def refused(status, message="Not Found", **fields):
    return answer({"message": message, "documentation_url": DOCUMENTATION}, status, **fields)


def failure(decode, *given):
    with pytest.raises(CheckFailed) as failed:
        decode(*given)
    return failed.value


def test_an_app_says_who_it_is():
    assert api.decode_app(answer(APP)) == api.App(7, "Iv23abcdef", "hub")
    assert api.decode_app(answer({"id": 7, "name": "x", "slug": "a b\n"})) == api.App(7, None, "(no plain name)")


@pytest.mark.parametrize("document", [[], {}, None, {"id": "7", "name": "x"}, {"id": True, "name": "x"}, {"id": 7}])
def test_an_app_document_of_another_shape_is_another_product(document):
    assert failure(api.decode_app, answer(document)).reason is Reason.WRONG_PRODUCT
    assert failure(api.judge_product, answer(document)).reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (refused(404, "Integration not found"), Reason.INVALID_CONFIG),
        (refused(404), Reason.WRONG_PRODUCT),
        (answer({"error": "no"}, 404), Reason.WRONG_PRODUCT),
        (answer(b"<html>", 404, content_type="text/html"), Reason.WRONG_PRODUCT),
        (answer(b"<html>", 200, content_type="text/html"), Reason.WRONG_PRODUCT),
        (answer(b"<html>", 401, content_type="text/html"), Reason.WRONG_PRODUCT),
        (answer(b"<html>", 403, content_type="text/html"), Reason.WRONG_PRODUCT),
        (answer({"message": "401 Unauthorized"}, 401), Reason.WRONG_PRODUCT),
        (answer({"message": "Bad credentials"}, 401, x_github_request_id="1"), Reason.CREDENTIAL_REJECTED),
        (refused(401, "A JSON web token could not be decoded"), Reason.CREDENTIAL_REJECTED),
        (refused(401, "'Expiration time' claim ('exp') is too far in the future"), Reason.CLOCK_SKEW),
        (refused(401, "'Issued at' claim ('iat') must be an Integer"), Reason.CLOCK_SKEW),
        (refused(403, "Resource not accessible"), Reason.PERMISSION_MISSING),
        (refused(503), Reason.SERVER_ERROR),
        (answer(b"", 502), Reason.SERVER_ERROR),
        (answer(b"", 302), Reason.WRONG_PRODUCT),
    ],
)
def test_an_app_that_is_not_answered_fails_by_what_github_says(given, reason):
    assert failure(api.decode_app, given).reason is reason


@pytest.mark.parametrize(
    "given", [answer(APP), refused(401), refused(403), refused(429), refused(404, "Integration not found")]
)
def test_a_refusal_in_githubs_form_is_github_too(given):
    assert api.judge_product(given) is None


def test_an_installation_is_someones_and_may_do_things():
    assert api.decode_installation(answer(INSTALLATION)) == api.Installation(
        "octocorp", suspended=False, permissions=GRANTED
    )
    enterprise = {**INSTALLATION, "account": {"slug": "octo"}, "suspended_at": "2026-01-01T00:00:00Z"}
    assert api.decode_installation(answer(enterprise)) == api.Installation("octo", suspended=True, permissions=GRANTED)
    assert api.decode_installation(answer({**INSTALLATION, "account": None})).account == "(no plain name)"


@pytest.mark.parametrize(
    "document", [[], {}, {"id": 70}, {"id": "70", "permissions": {}}, {**INSTALLATION, "permissions": []}]
)
def test_an_installation_document_of_another_shape_is_another_product(document):
    assert failure(api.decode_installation, answer(document)).reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        ({}, ()),
        ({"contents": "read"}, ()),
        ({"contents": "write"}, ()),
        ({"contents": "admin"}, ("contents:admin",)),
        ({"issues": "read", "contents": "admin"}, ("contents:admin", "issues:read")),
    ],
)
def test_a_higher_level_includes_the_lower(wanted, missing):
    assert api.decode_installation(answer(INSTALLATION)).lacks(wanted) == missing


@pytest.mark.parametrize(
    ("expires_at", "fields", "lifetime_s"),
    [
        ("2023-11-14T23:13:20Z", {"date": DATE}, 3600.0),  # by GitHub's clock, which the answer tells
        ("2023-11-14T23:13:20Z", {}, 3590.0),  # by ours, when it does not
        ("2023-11-14T23:13:20", {"date": DATE}, 3600.0),
        ("2016-07-11T22:14:10Z", {"date": DATE}, -231_724_750.0),
        ("soon", {"date": DATE}, -float(NOW)),
        (None, {"date": DATE}, -float(NOW)),
    ],
)
def test_a_token_lives_by_the_clock_of_who_gave_it(expires_at, fields, lifetime_s):
    token = decode_token(answer({"token": TOKEN, "expires_at": expires_at}, 201, **fields), METADATA, NOW + 10)

    assert token.secret.reveal() == TOKEN
    assert token.lifetime_s == lifetime_s
    assert TOKEN not in repr(token)


@pytest.mark.parametrize("length", [1, 40, 5000])
def test_a_token_of_any_length_is_a_token(length):
    given = answer({"token": "x" * length, "expires_at": ""}, 201)
    assert decode_token(given, METADATA, NOW).secret.reveal() == "x" * length


@pytest.mark.parametrize(
    ("given", "reason", "step"),
    [
        (refused(401, "Bad credentials"), Reason.CREDENTIAL_REJECTED, StepName.AUTHENTICATE),
        (refused(403, "This installation has been suspended"), Reason.SUSPENDED, StepName.AUTHORIZE),
        (refused(403, "Forbidden"), Reason.PERMISSION_MISSING, StepName.AUTHORIZE),
        (refused(404), Reason.INVALID_CONFIG, None),
        (refused(422, "The permissions requested are not granted"), Reason.PERMISSION_MISSING, None),
        (answer({}, 201), Reason.WRONG_PRODUCT, None),
        (answer({"token": ""}, 201), Reason.WRONG_PRODUCT, None),
        (answer({"token": 5}, 201), Reason.WRONG_PRODUCT, None),
        (answer([], 201), Reason.WRONG_PRODUCT, None),
    ],
)
def test_a_token_that_is_not_given_fails_by_what_github_says(given, reason, step):
    failed = failure(decode_token, given, METADATA, NOW)

    assert (failed.reason, failed.step) == (reason, step)
    assert failed.remedy


def test_a_quota_is_of_the_core_and_may_be_none_at_all():
    document = {"resources": {"core": {"limit": 5000, "remaining": 4000}}, "rate": {"limit": 1, "remaining": 0}}

    assert api.decode_quota(answer(document)) == api.Quota(5000, 4000)
    assert api.decode_quota(refused(404, "Rate limiting is not enabled.")) is None
    assert failure(api.decode_quota, refused(404)).reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize("document", [[], {}, {"resources": []}, {"resources": {"core": {"limit": "x"}}}])
def test_a_quota_document_of_another_shape_is_another_product(document):
    assert failure(api.decode_quota, answer(document)).reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    ("limit", "remaining", "low"), [(5000, 500, False), (5000, 499, True), (5000, 0, True), (0, 0, False)]
)
def test_less_than_a_tenth_is_low(limit, remaining, low):
    assert api.Quota(limit, remaining).low is low


USED_UP = {"x_ratelimit_remaining": "0", "date": DATE}


@pytest.mark.parametrize(
    ("status", "message", "fields", "wait_s"),
    [
        (403, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": str(NOW + 1200)}, 1200.0),
        (429, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": str(NOW + 1200)}, 1200.0),
        (403, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": str(NOW - 5)}, 1.0),
        (403, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": "9" * 12}, 3600.0),
        (403, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": "9" * 400}, 60.0),
        (403, "API rate limit exceeded", {**USED_UP, "x_ratelimit_reset": "soon"}, 60.0),
        (403, "API rate limit exceeded", USED_UP, 60.0),
        (403, "You have exceeded a secondary rate limit.", {"retry_after": "17"}, 17.0),
        (403, "Forbidden for a while", {"retry_after": "17"}, 17.0),
        (403, "You have exceeded a secondary rate limit.", {"x_ratelimit_remaining": "4000"}, 60.0),
        (429, "You have exceeded a secondary rate limit.", {}, 60.0),
        (429, "Slow down", {}, 60.0),
        (429, "both", {**USED_UP, "x_ratelimit_reset": str(NOW + 1200), "retry_after": "30"}, 30.0),
    ],
)
def test_a_rate_limit_is_known_by_its_signs_and_says_how_long(status, message, fields, wait_s):
    failed = failure(judge, refused(status, message, **fields))

    assert (failed.reason, failed.step, failed.retry_after_s) == (Reason.RATE_LIMITED, StepName.QUOTA, wait_s)


def test_a_rate_limit_in_plain_text_is_one_too():
    assert failure(judge, answer(b"Retry later", 429)).reason is Reason.RATE_LIMITED


def test_a_403_without_those_signs_is_no_rate_limit():
    failed = failure(judge, refused(403, "Resource not accessible by integration", x_ratelimit_remaining="4000"))

    assert (failed.reason, failed.retry_after_s) == (Reason.PERMISSION_MISSING, None)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"message": 5}', b'{"message": "x"}', b"[" * 100_000])
def test_an_error_in_another_form_has_no_message(body):
    assert message_of(answer(body, 404)) is None


@pytest.fixture
def in_new_york(monkeypatch):
    with monkeypatch.context() as here:
        here.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DATE, NOW),
        (DATE.replace("GMT", "-0000"), NOW),
        (DATE.removesuffix(" GMT"), NOW),
        ("", None),
        ("yesterday", None),
    ],
)
def test_the_providers_time_is_read_where_it_is_told(text, said):
    assert provider_time(answer({}, date=text)) == said
