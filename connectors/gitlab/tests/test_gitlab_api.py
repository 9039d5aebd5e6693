"""GitLab's API as data: addresses and answers, decided without a network."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_gitlab import api, errors

ROOTS = [
    ("https://gitlab.com", "https://gitlab.com/api/v4"),
    ("https://gitlab.com/", "https://gitlab.com/api/v4"),
    ("https://GitLab.com:443//", "https://gitlab.com/api/v4"),
    ("https://g.example:8443", "https://g.example:8443/api/v4"),
    ("http://g.internal", "http://g.internal/api/v4"),
    ("http://g.internal:80/", "http://g.internal/api/v4"),
    ("https://g.example/gitlab", "https://g.example/gitlab/api/v4"),
    ("https://g.example/GitLab/", "https://g.example/GitLab/api/v4"),
    ("https://g.example/tools//git/", "https://g.example/tools/git/api/v4"),
    ("https://g.example/api/v4", "https://g.example/api/v4"),
    ("https://g.example/api/v4/", "https://g.example/api/v4"),
    ("https://g.example//API//V4//", "https://g.example/api/v4"),
    ("https://g.example/gitlab/api/v4", "https://g.example/gitlab/api/v4"),
    ("https://g.example/gitlab/api/v4/", "https://g.example/gitlab/api/v4"),
    ("https://g.example/my-git", "https://g.example/my-git/api/v4"),
    ("https://10.0.0.7", "https://10.0.0.7/api/v4"),
    ("https://[::1]:8443", "https://[::1]:8443/api/v4"),
]

REFUSED = [
    "https://g.example/api",
    "https://g.example/api/v3",
    "https://g.example/api/v5",
    "https://g.example/gitlab/api/v3",
    "https://g.example/api/v4/projects",
    "https://g.example/api/v4/api/v4",
    "https://g.example/api/graphql",
    "https://g.example/-/profile",
    "https://g.example/-/",
    "https://g.example/group/project/-/tree/main",
    "https://g.example/-/api/v4",
    "https://user:pass@g.example",
    "https://g.example/?private_token=x",
    "https://g.example/#x",
    "https://g.example/group%2Fproject",
    "https://g.example/a/../b",
    "https://g.example\\b",
    "https://g.example/;a",
    "https://g.example/\x07",
    "https://g.example:0",
    "https://g.example:99999",
    "git@g.example",
    "ssh://g.example",
    "g.example",
    "",
]

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAT = {"active": True, "revoked": False, "scopes": ["read_api"], "expires_at": None}


def answer(document, status=200, **fields):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(status, Headers((name.replace("_", "-"), value) for name, value in fields.items()), body)


def failure(decode, given):
    with pytest.raises(CheckFailed) as failed:
        decode(given)
    assert failed.value.remedy
    return failed.value


@pytest.mark.parametrize(("given", "root"), ROOTS)
def test_an_address_has_one_api_root_and_the_root_is_its_own(given, root):
    assert api.api_root(given) == root
    assert api.api_root(root) == root


@pytest.mark.parametrize("given", REFUSED)
def test_another_api_a_page_or_a_doubtful_address_is_refused_with_a_sentence(given):
    with pytest.raises(ValueError, match=r"[.)]$"):
        api.api_root(given)


# --- version ---


@pytest.mark.parametrize(
    ("version", "shown"), [("18.1.1-ee", "18.1.1"), ("17.0.0-pre", "17.0.0"), ("16.11", "16.11"), ("15.5.0", "15.5.0")]
)
def test_of_the_version_the_numbers_are_kept(version, shown):
    assert api.decode_version(answer({"version": version, "revision": "ceb07b24cb0"})) == shown


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (401, {"message": "401 Unauthorized"}),
        (401, {"error": "invalid_token", "error_description": "Token was revoked."}),
        (403, {"error": "insufficient_scope", "error_description": "More.", "scope": "api"}),
        (403, {"message": "403 Forbidden - Your account has been blocked."}),
    ],
)
def test_a_gitlab_that_keeps_its_version_to_itself_is_a_gitlab(status, document):
    assert api.decode_version(answer(document, status)) is None


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, b"<html>sign in</html>"),
        (200, {"version": "1.2.3"}),
        (200, {"revision": "x"}),
        (200, {"version": "not-a-version", "revision": "x"}),
        (200, {"version": 18, "revision": "x"}),
        (200, []),
        (200, None),
        (401, b"<html>proxy</html>"),
        (401, {"errors": []}),
        (401, {"message": "Bad credentials"}),
        (403, b"forbidden"),
        (404, {"message": "404 Not Found"}),
        (404, b"<html>not found</html>"),
        (410, {"id": "other"}),
        (302, b""),
    ],
)
def test_what_answers_otherwise_is_another_product(status, document):
    assert failure(api.decode_version, answer(document, status)).reason is Reason.WRONG_PRODUCT


# --- token ---


def test_a_token_tells_what_it_may_and_when_it_ends():
    token = api.decode_token(answer({**PAT, "expires_at": "2026-05-10"}))

    assert token == api.Token(active=True, revoked=False, sufficient=True, ends_at=datetime(2026, 5, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("scopes", "sufficient"),
    [(["api"], True), (["read_user", "read_api"], True), (["read_user"], False), ([], False), ([1, None], False)],
)
def test_reading_the_api_takes_one_of_two_scopes(scopes, sufficient):
    assert api.decode_token(answer({**PAT, "scopes": scopes})).sufficient is sufficient


@pytest.mark.parametrize(
    ("days", "expiring", "expired"),
    [(-1, True, True), (0, True, True), (1, True, False), (14, True, False), (15, False, False)],
)
def test_the_last_fourteen_days_are_told(days, expiring, expired):
    token = api.Token(active=True, revoked=False, sufficient=True, ends_at=NOW + timedelta(days=days))

    assert (token.expiring(NOW), token.expired(NOW)) == (expiring, expired)


def test_a_token_without_an_end_never_expires():
    token = api.decode_token(answer(PAT))

    assert token.ends_at is None
    assert not token.expiring(NOW)
    assert not token.expired(NOW)


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (400, {"message": "400 Bad request - This endpoint requires token type to be a personal access token"}),
        (404, {"error": "404 Not Found"}),
        (400, {"error": "id is invalid"}),
    ],
)
def test_some_tokens_and_some_versions_tell_nothing(status, document):
    assert api.decode_token(answer(document, status)) is None


@pytest.mark.parametrize(
    "document",
    [
        [],
        "x",
        {},
        {**PAT, "active": "yes"},
        {**PAT, "revoked": None},
        {**PAT, "scopes": "api"},
        {**PAT, "expires_at": "soon"},
        {**PAT, "expires_at": 5},
    ],
)
def test_a_token_document_of_another_shape_is_another_product(document):
    assert failure(api.decode_token, answer(document)).reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize("document", [{"id": 1}, {"username": None}, [], "x"])
def test_a_user_of_another_shape_is_another_product(document):
    assert failure(api.decode_user, answer(document)).reason is Reason.WRONG_PRODUCT


# --- errors ---


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"message": "401 Unauthorized"}, "401 Unauthorized"),
        ({"message": {"url": ["is blocked", "is long"], "base": "x"}}, "url is blocked, is long; base x"),
        ({"error": "insufficient_scope", "error_description": "More."}, "insufficient_scope: More."),
        ({"error": "404 Not Found"}, "404 Not Found"),
        ({"error": {"a": 1}}, None),
        ({"message": 5}, None),
        ([], None),
        (b"Retry later", None),
        (b"", None),
    ],
)
def test_an_error_is_read_in_each_of_its_forms(document, message):
    assert errors.message_of(answer(document, 400)) == message


@pytest.mark.parametrize(
    ("document", "evidence"),
    [
        ({"message": "401 Unauthorized"}, "does not know"),
        ({"error": "invalid_token", "error_description": "Token was revoked. canary"}, "revoked"),
        ({"error": "invalid_token", "error_description": "Token is expired. canary"}, "expired"),
    ],
)
def test_a_refused_token_is_told_in_our_own_words(document, evidence):
    failed = failure(errors.judge, answer(document, 401))

    assert (failed.reason, failed.step) == (Reason.CREDENTIAL_REJECTED, StepName.AUTHENTICATE)
    assert evidence in failed.evidence
    assert "canary" not in failed.evidence


def test_insufficient_scope_lacks_permission():
    failed = failure(errors.judge, answer({"error": "insufficient_scope", "scope": "api"}, 403))

    assert (failed.reason, failed.step) == (Reason.PERMISSION_MISSING, StepName.AUTHORIZE)


@pytest.mark.parametrize(
    ("fields", "wait_s"),
    [
        ({}, None),
        ({"Retry_After": "30"}, 30),
        ({"Retry_After": "soon", "RateLimit_ResetTime": "also soon"}, None),
        ({"Retry_After": "30", "RateLimit_ResetTime": "Tue, 05 Jan 2021 11:00:00 GMT"}, 30),
        ({"RateLimit_ResetTime": "Tue, 05 Jan 2021 11:00:00 GMT", "Date": "Tue, 05 Jan 2021 10:59:15 GMT"}, 45),
        ({"RateLimit_ResetTime": "Tue, 05 Jan 2021 11:00:00 GMT", "Date": "Tue, 05 Jan 2021 11:00:01 GMT"}, 0),
    ],
)
@pytest.mark.parametrize("body", [b"Retry later", b'{"message": "401 Unauthorized"}', b"\xff{"])
def test_too_many_requests_is_judged_by_its_fields_never_by_its_text(fields, wait_s, body):
    failed = failure(errors.judge, answer(body, 429, **fields))

    assert (failed.reason, failed.step, failed.retry_after_s) == (Reason.RATE_LIMITED, StepName.QUOTA, wait_s)


@pytest.mark.parametrize(
    ("limit", "remaining", "low"),
    [("60", "59", False), ("60", "6", False), ("60", "5", True), ("60", "0", True), ("1", "1", False)],
)
def test_less_than_a_tenth_left_is_low(limit, remaining, low):
    quota = api.decode_quota(answer({}, RateLimit_Limit=limit, RateLimit_Remaining=remaining))

    assert quota == api.Quota(int(limit), int(remaining))
    assert quota.low is low


@pytest.mark.parametrize(
    ("limit", "remaining"), [("", ""), ("60", ""), ("", "5"), ("0", "0"), ("x", "5"), ("60, 60", "5, 5"), ("-1", "5")]
)
def test_a_rate_limit_that_is_not_told_is_none(limit, remaining):
    assert api.decode_quota(answer({}, RateLimit_Limit=limit, RateLimit_Remaining=remaining)) is None
