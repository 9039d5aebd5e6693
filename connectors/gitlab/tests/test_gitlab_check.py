"""The GitLab connector over real HTTP: a simulated GitLab in all its states, and servers that are none."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.contract import StepStatus
from integrations_hub.connector.reasons import Reason, StepName

from .gitlab_hub import CANARY, asking, decisive, no_secret_in_logs, served
from .simulated_gitlab import AccessToken

__all__ = ["no_secret_in_logs"]

TODAY = datetime.now(UTC).date()


def run(gitlab):
    return asking(gitlab).check()


@pytest.fixture
def gitlab():
    with served(AccessToken(CANARY)) as simulated:
        yield simulated


def test_a_healthy_gitlab_passes_every_step(gitlab):
    result = run(gitlab)

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "product", "authenticate", "authorize", "quota"]
    assert all(step.status is StepStatus.PASSED and step.evidence for step in result.steps)
    assert result.steps[1].evidence == "GitLab 18.1.1"
    assert gitlab.requests == ["version", "personal_access_tokens/self"]
    assert gitlab.credentials == [CANARY] * 2


def test_a_gitlab_under_a_sub_path_is_asked_below_it():
    with served(AccessToken(CANARY), sub_path="/tools/git") as gitlab:
        assert run(gitlab).reason is Reason.OK


# --- the token ---


@pytest.mark.parametrize(
    ("token", "evidence"),
    [
        (AccessToken("not-a-real-secret-2"), "does not know"),
        (AccessToken(CANARY, revoked=True), "revoked"),
        (AccessToken(CANARY, expires_at=TODAY), "expired"),
        (AccessToken(CANARY, expires_at=TODAY - timedelta(days=30)), "expired"),
    ],
    ids=["wrong", "revoked", "expired today", "expired"],
)
def test_a_token_that_does_not_work_is_rejected_after_one_request(gitlab, token, evidence):
    gitlab.tokens[:] = [token]

    result = run(gitlab)

    assert [step.name for step in result.steps] == ["connect", "product", "authenticate"]
    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert evidence in result.decisive.evidence
    assert gitlab.requests == ["version"]


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        ({"revoked": True, "active": False}, "revoked"),
        ({"active": False}, "not active"),
        ({"expires_at": "2020-01-01"}, "expired"),
    ],
)
def test_a_token_that_says_it_is_over_is_rejected(gitlab, change, evidence):
    document = {"active": True, "revoked": False, "scopes": ["api"], "expires_at": None, **change}
    gitlab.instead["personal_access_tokens/self"] = (200, "application/json", json.dumps(document), {})

    result = run(gitlab)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert evidence in result.decisive.evidence


def test_a_token_that_ends_in_ten_days_is_expiring(gitlab):
    ends = TODAY + timedelta(days=10)
    gitlab.tokens[0].expires_at = ends

    result = run(gitlab)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_EXPIRING)
    assert not result.failed
    assert ends.isoformat() in result.decisive.evidence
    assert result.credential_ends_at.date() == ends
    assert result.credential_ends_at.tzinfo is UTC


def test_a_token_that_ends_next_month_is_healthy_and_its_end_is_told(gitlab):
    gitlab.tokens[0].expires_at = TODAY + timedelta(days=30)

    result = run(gitlab)

    assert result.reason is Reason.OK
    assert result.credential_ends_at.date() == gitlab.tokens[0].expires_at


def test_a_token_that_never_ends_has_no_end(gitlab):
    result = run(gitlab)

    assert result.reason is Reason.OK
    assert result.credential_ends_at is None


@pytest.mark.parametrize("scopes", [("read_user",), ("read_repository",), ()])
def test_a_token_that_may_not_read_the_api_lacks_permission(gitlab, scopes):
    gitlab.tokens[0].scopes = scopes

    result = run(gitlab)

    assert decisive(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)
    assert not result.failed
    assert "read_api" in result.decisive.remedy


def test_a_token_of_another_kind_is_proved_by_its_user_and_a_listing(gitlab):
    gitlab.tokens[0].personal = False

    result = run(gitlab)

    assert result.reason is Reason.OK
    assert result.credential_ends_at is None
    assert gitlab.requests == ["version", "personal_access_tokens/self", "user", "projects"]


def test_an_older_gitlab_tells_nothing_about_tokens(gitlab):
    gitlab.tells_tokens = False

    assert run(gitlab).reason is Reason.OK


def test_a_token_of_another_kind_may_lack_permission_too(gitlab):
    gitlab.tokens[0].personal, gitlab.tokens[0].scopes = False, ("read_user",)

    result = run(gitlab)

    assert decisive(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)


@pytest.mark.parametrize("fields", [{}, {"password": CANARY}, {"token": f"{CANARY}\n"}])
def test_a_secret_without_a_usable_token_is_an_invalid_config_and_not_sent(gitlab, fields):
    result = asking(gitlab).but(fields=fields).check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert gitlab.requests == []


# --- not GitLab, or not now ---


@pytest.mark.parametrize(
    "instead",
    [
        (200, "text/html", "<html>sign in</html>", {}),
        (404, "text/html", "<html>no such group</html>", {}),
        (404, "application/json", '{"message": "404 Not Found"}', {}),
        (401, "text/html", "<html>proxy</html>", {}),
        (200, "application/json", '{"version": "1.0"}', {}),
    ],
    ids=["HTML 200", "HTML 404", "JSON 404", "HTML 401", "JSON 200"],
)
def test_what_is_not_gitlab_is_another_product(gitlab, instead):
    gitlab.instead["version"] = instead

    result = run(gitlab)

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert gitlab.requests == ["version"]


@pytest.mark.parametrize(("fields", "wait_s"), [({"Retry-After": "30"}, 30), ({}, None)])
def test_a_gitlab_that_asks_for_patience_is_rate_limited(gitlab, fields, wait_s):
    gitlab.throttled = fields

    result = run(gitlab)

    assert decisive(result) == (StepName.QUOTA, Reason.RATE_LIMITED)
    assert result.retry_after_s == wait_s


def test_a_gitlab_that_is_down_is_a_server_error(gitlab):
    gitlab.failing = True

    result = run(gitlab)

    assert decisive(result) == (StepName.PRODUCT, Reason.SERVER_ERROR)
    assert "503" in result.decisive.evidence


def test_few_requests_left_are_told(gitlab):
    gitlab.limit, gitlab.observed = 100, 92

    result = run(gitlab)

    assert decisive(result) == (StepName.QUOTA, Reason.QUOTA_LOW)
    assert not result.failed
    assert result.decisive.evidence.startswith("6 of 100 ")


def test_enough_requests_left_are_healthy(gitlab):
    gitlab.limit = 100

    result = run(gitlab)

    assert result.reason is Reason.OK
    assert result.steps[-1].evidence.startswith("98 of 100 ")


# --- servers that mean harm ---


@pytest.mark.parametrize("path", ["version", "personal_access_tokens/self"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed_with_the_token(gitlab, path, status):
    with served(AccessToken(CANARY)) as other:
        gitlab.instead[path] = (status, "text/html", "", {"Location": f"{other.url}/api/v4/{path}"})
        result = run(gitlab)

    assert result.decisive.reason is Reason.WRONG_PRODUCT
    assert other.requests == []


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 418, 429, 500])
@pytest.mark.parametrize("path", ["version", "personal_access_tokens/self"])
def test_a_server_that_repeats_the_token_does_not_get_it_into_the_result(gitlab, path, status):
    said = {"message": CANARY, "error": CANARY, "error_description": CANARY, "version": CANARY, "revision": CANARY}
    described = {"active": True, "revoked": False, "scopes": [CANARY], "name": CANARY, "expires_at": CANARY}
    gitlab.instead[path] = (status, "application/json", json.dumps(said | described), {"RateLimit-Limit": CANARY})

    run(gitlab)

    assert path in gitlab.requests
    assert set(gitlab.credentials) == {CANARY}
