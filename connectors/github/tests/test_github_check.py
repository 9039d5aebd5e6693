"""The GitHub connector over real HTTP: a simulated GitHub in all its states, and servers that are none."""

import pytest

from integrations_hub.connector.contract import Credential, StepStatus
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

from .github_hub import OTHER_PRIVATE, OTHER_PUBLIC, credential, simulated, watched
from .simulated_github import SimulatedGitHub, error

MINT = "POST app/installations/70/access_tokens"
HTML = {"Content-Type": "text/html"}


@pytest.fixture(params=["cloud", "server"])
def github(request):
    with simulated(server=request.param == "server") as running:
        yield running


@pytest.fixture
def hub(github, caplog):
    with watched(github, caplog) as one:
        yield one


def decisive(result):
    return result.decisive.name, result.decisive.reason


# --- a GitHub in its states ---


@pytest.mark.parametrize("names", [{}, {"clientId": "Iv23abcdef"}, {"appId": None, "clientId": "Iv23abcdef"}])
def test_a_healthy_app_passes_every_step(github, hub, names):
    result = hub.check(permissions={"contents": "read"}, **names)

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "product", "authenticate", "authorize", "quota"]
    assert all(step.status is StepStatus.PASSED and step.evidence for step in result.steps)
    assert "octocorp" in result.steps[3].evidence
    assert "4990 of 5000" in result.steps[4].evidence
    version = ["GET meta"] if github.server else []
    assert github.requests == ["GET app", "GET app/installations/70", MINT, *version, "GET rate_limit"]
    assert github.fields == {("application/vnd.github+json", "2022-11-28")}


def test_a_token_is_asked_for_with_no_more_rights_than_a_check_needs(github, hub):
    hub.check(permissions={"contents": "write"})

    (issued,) = github.authority.tokens.values()
    assert issued.permissions == {"metadata": "read"}


def test_a_key_that_is_another_apps_is_rejected(github, hub):
    result = hub.check(credential(OTHER_PRIVATE))

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert [step.name for step in result.steps][-2:] == ["product", "authenticate"]
    assert github.requests == ["GET app"]  # not tried again: the clocks agree


def test_an_app_github_does_not_know_is_a_wrong_config(hub):
    result = hub.check(appId=9)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert "appId" in result.decisive.remedy


def test_two_names_of_different_apps_are_a_wrong_config(github, hub):
    # whichever of the two names the token bears, the other is found to be another's
    result = hub.check(clientId="Iv23ghijkl") if github.server else hub.check(appId=8, clientId="Iv23abcdef")

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)


def test_an_installation_of_another_app_is_a_wrong_config(hub):
    result = hub.check(installationId=80)

    assert decisive(result) == (StepName.AUTHORIZE, Reason.INVALID_CONFIG)
    assert "installationId" in result.decisive.remedy


def test_a_suspended_installation_is_unhealthy(github, hub):
    github.installations[0].suspended = True

    result = hub.check()

    assert decisive(result) == (StepName.AUTHORIZE, Reason.SUSPENDED)
    assert result.failed
    assert github.authority.tokens == {}


def test_a_suspension_shows_while_a_token_is_kept(github, hub):
    hub.check()
    held = '{"message": "This installation has been suspended", "documentation_url": "https://docs.github.com/rest"}'
    github.instead["rate_limit"] = (403, {}, held)

    assert decisive(hub.check()) == (StepName.AUTHORIZE, Reason.SUSPENDED)


def test_a_server_says_which_version_it_is(github, hub):
    shown = hub.check().steps[3].evidence

    assert shown == (
        "installed for octocorp on Enterprise Server 3.19.1" if github.server else "installed for octocorp"
    )


@pytest.mark.parametrize(
    "told", [(404, HTML, "<html>"), (403, {}, "no"), (200, {}, "{}"), (200, {}, "[]"), (503, {}, "")]
)
def test_a_server_that_keeps_its_version_to_itself_is_healthy(github, hub, told):
    github.instead["meta"] = told

    result = hub.check()

    assert result.reason is Reason.OK
    assert result.steps[3].evidence == "installed for octocorp"


def test_a_missing_permission_degrades_and_is_named(hub):
    result = hub.check(permissions={"contents": "admin", "issues": "read", "metadata": "read"})

    assert decisive(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)
    assert not result.failed
    assert "contents:admin, issues:read" in result.decisive.evidence
    assert result.steps[-1].name is StepName.QUOTA


def test_an_app_without_any_permission_cannot_be_checked_to_the_end(github, hub):
    github.installations[0].permissions.clear()

    assert decisive(hub.check()) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_token_that_is_refused_fails_the_check(github, hub, status):
    refused = error(status, "No.")
    github.instead["app/installations/70/access_tokens"] = (status, {}, refused.text)

    result = hub.check()

    reasons = {401: Reason.CREDENTIAL_REJECTED, 404: Reason.INVALID_CONFIG}
    assert result.decisive.reason is reasons.get(status, Reason.PERMISSION_MISSING)
    assert result.failed
    assert github.requests[-1] == MINT


def test_a_secret_without_a_key_is_a_wrong_config(github, hub):
    result = hub.check(Credential({"token": Secret("not-a-real-secret-1")}))

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert "private_key" in result.decisive.evidence
    assert github.requests == []


# --- clocks ---


@pytest.mark.parametrize("shift_s", [-7200.0, -300.0, 900.0, 86_400.0])
def test_another_clock_is_found_out_worked_round_and_reported(github, hub, shift_s):
    github.clock_shift_s = shift_s

    result = hub.check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CLOCK_SKEW)
    assert not result.failed
    assert ("behind" if shift_s > 0 else "ahead") in result.decisive.evidence
    assert result.steps[-1].name is StepName.QUOTA
    assert github.count("GET app") == 2


@pytest.mark.parametrize("shift_s", [-55.0, 400.0])
def test_a_clock_a_little_off_does_not_matter(github, hub, shift_s):
    github.clock_shift_s = shift_s

    assert hub.check().reason is Reason.OK
    assert github.count("GET app") == 1


def test_a_token_of_another_clock_is_kept_as_long_as_it_lives_there(github, hub):
    github.clock_shift_s = -7200.0

    hub.check()
    hub.check()

    assert github.count(MINT) == 1


def test_a_clock_that_differs_from_what_is_told_is_a_failure(github, hub):
    refused = error(401, "'Expiration time' claim ('exp') is too far in the future")
    github.clock_shift_s = -7200.0
    github.instead["app"] = (401, {}, refused.text)

    result = hub.check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CLOCK_SKEW)
    assert result.failed
    assert github.requests == ["GET app", "GET app"]


def test_a_wrong_key_is_no_matter_of_clocks(github, hub):
    github.clock_shift_s = -7200.0

    assert decisive(hub.check(credential(OTHER_PRIVATE))) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert github.requests == ["GET app", "GET app"]


# --- tokens ---


def test_many_checks_at_once_ask_for_one_token(github, hub):
    github.latency_s = 0.05

    results = hub.checks(20, credential())

    assert {result.reason for result in results} == {Reason.OK}
    assert github.count(MINT) == 1


def test_a_token_is_kept_from_check_to_check_and_asked_for_anew_when_the_key_changes(github, hub):
    hub.check()
    hub.check()
    assert github.count(MINT) == 1

    github.apps[0].public_key = OTHER_PUBLIC
    assert hub.check(credential(OTHER_PRIVATE)).reason is Reason.OK
    assert github.count(MINT) == 2


@pytest.mark.parametrize("life_s", [600.0, 299.0])
def test_a_token_near_its_end_is_replaced(github, hub, life_s):
    github.token_life_s = life_s

    results = [hub.check(), hub.check()]

    assert [result.reason for result in results] == [Reason.OK] * 2
    assert github.count(MINT) == (2 if life_s < 300 else 1)


def test_a_token_that_is_given_already_expired_is_asked_for_once_more_and_no_more(github, hub):
    github.token_life_s = -3e8

    assert hub.check().reason is Reason.CREDENTIAL_REJECTED
    assert github.count(MINT) == 2
    assert github.count("GET meta" if github.server else "GET rate_limit") == 2


def test_a_revoked_token_is_forgotten_and_replaced(github, hub):
    hub.check()
    github.authority.tokens.clear()

    assert hub.check().reason is Reason.OK
    assert github.count(MINT) == 2
    assert hub.check().reason is Reason.OK
    assert github.count(MINT) == 2


# --- rate limits ---


def test_a_low_quota_degrades(github, hub):
    github.remaining = 499

    result = hub.check()

    assert decisive(result) == (StepName.QUOTA, Reason.QUOTA_LOW)
    assert not result.failed


def test_a_server_that_limits_no_rate_is_healthy(github, hub):
    github.rate_limiting = False

    result = hub.check()

    assert result.reason is Reason.OK
    assert "limits no rate" in result.steps[-1].evidence


@pytest.mark.parametrize("path", ["app", "app/installations/70", "app/installations/70/access_tokens", "rate_limit"])
@pytest.mark.parametrize("status", [403, 429])
def test_a_used_up_quota_waits_until_it_is_renewed(github, hub, path, status):
    fields = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(github.now()) + 1200)}
    github.instead[path] = (status, fields, error(status, "API rate limit exceeded for installation ID 70.").text)

    result = hub.check()

    assert decisive(result) == (StepName.QUOTA, Reason.RATE_LIMITED)
    assert 1190 <= result.retry_after_s <= 1200


@pytest.mark.parametrize(("fields", "wait_s"), [({"retry-after": "17"}, 17.0), ({}, 60.0)])
def test_a_secondary_limit_waits_as_told_or_a_minute(github, hub, fields, wait_s):
    github.instead["app"] = (403, fields, error(403, "You have exceeded a secondary rate limit.").text)

    result = hub.check()

    assert decisive(result) == (StepName.QUOTA, Reason.RATE_LIMITED)
    assert result.retry_after_s == wait_s
    assert github.requests == ["GET app"]


# --- what is not GitHub, or not well ---


@pytest.mark.parametrize(
    "given",
    [
        (200, HTML, "<html>Welcome</html>"),
        (404, HTML, "<html>Not here</html>"),
        (401, HTML, "<html>Log in</html>"),
        (200, {}, '{"version": "1"}'),
        (404, {}, '{"message": "404 Not Found"}'),
        (404, {}, '{"errors": [{"code": "NOT_FOUND"}]}'),
        (401, {}, '{"message": "401 Unauthorized"}'),
        (204, {}, ""),
    ],
)
def test_another_product_is_told_from_github(github, hub, given):
    github.instead["*"] = given

    assert decisive(hub.check()) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)


def test_the_root_of_a_server_is_not_its_api(github, hub):
    github.server = not github.server  # the config stays as it was made
    config = hub.config()
    github.server = not github.server
    hub.config = lambda: config

    assert hub.check().reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize("path", ["app", "app/installations/70", "app/installations/70/access_tokens", "rate_limit"])
def test_a_server_in_maintenance_is_a_servers_error(github, hub, path):
    github.instead[path] = (503, {**HTML, "Retry-After": "120"}, "<html>Down for maintenance</html>")

    result = hub.check()

    assert result.decisive.reason is Reason.SERVER_ERROR
    assert result.retry_after_s == 120


@pytest.mark.parametrize("path", ["app", "app/installations/70", "app/installations/70/access_tokens", "rate_limit"])
@pytest.mark.parametrize("status", [301, 307])
def test_no_token_follows_a_redirection_to_another_host(github, hub, path, status):
    elsewhere = SimulatedGitHub(apps=[], installations=[])
    elsewhere.start()
    try:
        github.instead[path] = (status, {"Location": f"{elsewhere.url}/{path}"}, "")
        result = hub.check()
    finally:
        elsewhere.stop()

    assert result.decisive.reason is Reason.WRONG_PRODUCT
    assert elsewhere.requests == []
    assert elsewhere.credentials == set()


@pytest.mark.parametrize("path", ["app", "app/installations/70", "app/installations/70/access_tokens", "rate_limit"])
def test_a_server_that_sends_every_credential_back_shows_none(github, hub, path):
    github.echoing = path

    result = hub.check()

    assert result.decisive.reason is Reason.PERMISSION_MISSING
    assert "***" in result.decisive.evidence  # and the fixture looks for what crossed the wire
