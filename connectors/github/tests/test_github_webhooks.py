"""Webhooks set up at a simulated GitHub over real HTTP: the App's own, an organisation's, a repository's."""

import json

import pytest

from integrations_hub.connector.contract import Webhook, WebhookOutcome
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

from .github_hub import URL, WEBHOOK_SECRET, simulated, watched
from .simulated_github import Hook, error

MINT = "POST app/installations/70/access_tokens"
HOOKS = "repos/octocorp/service-1/hooks"
DEFAULT = ("pull_request", "push", "release")
CONFIG = {"url": URL, "content_type": "json", "secret": WEBHOOK_SECRET, "insecure_ssl": "0"}
CREATED, UPDATED, UNCHANGED = WebhookOutcome.CREATED, WebhookOutcome.UPDATED, WebhookOutcome.UNCHANGED


@pytest.fixture(params=["cloud", "server"])
def github(request):
    with simulated(server=request.param == "server") as running:
        rights = {"metadata": "read", "repository_hooks": "write", "organization_hooks": "write", "contents": "write"}
        running.installations[0].permissions = rights
        running.apps[0].hook = {"url": "https://old.example", "content_type": "form", "insecure_ssl": "0"}
        yield running


@pytest.fixture
def hub(github, caplog):
    with watched(github, caplog) as one:
        yield one


def fail(hub, *order, **change):
    with pytest.raises(CheckFailed) as failed:
        hub.order(*order, **change)
    assert failed.value.remedy
    return failed.value


# --- of a repository or an organisation ---


@pytest.mark.parametrize("resource", ["octocorp/service-1", "octocorp"])
def test_a_webhook_is_made_once_and_then_left_as_it_is(github, hub, resource):
    path = HOOKS if "/" in resource else "orgs/octocorp/hooks"

    assert hub.order(resource) == Webhook(CREATED, "1", resource, DEFAULT)
    assert hub.order(resource) == Webhook(UNCHANGED, "1", resource, DEFAULT)

    (made,) = github.hooks[path]
    assert made == Hook(1, list(DEFAULT), CONFIG)
    assert github.requests == [MINT, f"GET {path}", f"POST {path}", f"GET {path}", f"PATCH {path}/1"]


@pytest.mark.parametrize("resource", ["octocorp/service-1", "octocorp"])
def test_the_token_can_do_nothing_else(github, hub, resource):
    hub.order(resource)

    (token,) = github.authority.tokens.values()
    kind = "repository_hooks" if "/" in resource else "organization_hooks"
    assert token.permissions == {kind: "write"}
    assert token.repositories == (["service-1"] if "/" in resource else None)


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"events": ["push"]},
        {"events": [*DEFAULT, "fork"]},
        {"config": CONFIG | {"content_type": "form"}},
        {"config": CONFIG | {"insecure_ssl": "1"}},
        {"config": CONFIG | {"secret": ""}},
    ],
    ids=str,
)
def test_what_differs_is_changed(github, hub, change):
    hub.order("octocorp/service-1")
    github.hooks[HOOKS][0].change(change)

    assert hub.order("octocorp/service-1") == Webhook(UPDATED, "1", "octocorp/service-1", DEFAULT)
    assert github.hooks[HOOKS] == [Hook(1, list(DEFAULT), CONFIG)]


def test_a_secret_that_changed_takes_effect_though_github_shows_none(github, hub):
    hub.order("octocorp/service-1")
    hub.order("octocorp/service-1", secret="not-a-real-webhook-secret-2")

    (made,) = github.hooks[HOOKS]
    assert made.config["secret"] == "not-a-real-webhook-secret-2"


def test_ordered_events_are_set_without_repetition(hub):
    webhook = hub.order("octocorp/service-1", "push", "fork", "push")

    assert webhook.events == ("fork", "push")
    assert hub.order("octocorp/service-1", "fork", "push").outcome is UNCHANGED
    assert hub.order("octocorp/service-1", "*").events == ("*",)


def test_the_webhooks_of_others_are_left_alone(github, hub):
    others = [Hook(number, ["push"], {**CONFIG, "url": f"https://other.example/{number}"}) for number in range(1, 151)]
    github.hooks[HOOKS] = [*others, Hook(151, ["push"], {**CONFIG})]
    kept = [(hook.id, dict(hook.config)) for hook in others]

    assert hub.order("octocorp/service-1").outcome is UPDATED

    assert github.count(f"GET {HOOKS}") == 2
    assert [(hook.id, hook.config) for hook in github.hooks[HOOKS][:150]] == kept
    assert set(github.hooks[HOOKS][150].events) == set(DEFAULT)


def test_one_that_another_made_in_between_is_taken_over(github, hub):
    github.before[f"POST {HOOKS}"] = lambda: github.hooks[HOOKS].append(Hook(1, ["fork"], {**CONFIG}))

    assert hub.order("octocorp/service-1") == Webhook(UPDATED, "1", "octocorp/service-1", DEFAULT)
    assert len(github.hooks[HOOKS]) == 1


def test_one_that_another_removed_in_between_is_made_again(github, hub):
    hub.order("octocorp/service-1")
    github.before[f"PATCH {HOOKS}/1"] = github.hooks[HOOKS].clear

    assert hub.order("octocorp/service-1").outcome is CREATED
    assert len(github.hooks[HOOKS]) == 1


def test_an_event_github_does_not_have_is_a_wrong_order(github, hub):
    failed = fail(hub, "octocorp/service-1", "no_such_event")

    assert failed.reason is Reason.INVALID_CONFIG
    assert "not included in the list" in failed.evidence
    assert github.hooks[HOOKS] == []


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("octocorp/unknown", Reason.INVALID_CONFIG),
        ("globex/service-1", Reason.INVALID_CONFIG),
        ("globex", Reason.INVALID_CONFIG),
    ],
)
def test_a_place_the_app_does_not_reach_is_a_wrong_order(github, hub, resource, reason):
    assert fail(hub, resource).reason is reason
    assert not any(github.hooks.values())


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "/",
        "octocorp/",
        "/hub",
        "octocorp/hub/hooks",
        "octocorp/..",
        "..",
        "../app",
        "octo corp",
        "a/b?x",
        "a/b#x",
        "a%2f",
        "\u0430",
    ],
)
def test_a_resource_that_is_none_is_refused_before_anything_is_asked(github, hub, resource):
    assert fail(hub, resource).reason is Reason.INVALID_CONFIG
    assert github.requests == []


@pytest.mark.parametrize("event", ["", "Push", "pull request", "push\n", "a" * 65, "**"])
def test_an_event_that_is_none_is_refused_before_anything_is_asked(github, hub, event):
    assert fail(hub, "octocorp/service-1", event).reason is Reason.INVALID_CONFIG
    assert github.requests == []


@pytest.mark.parametrize("resource", [None, "octocorp", "octocorp/service-1"])
def test_a_webhook_without_a_secret_is_refused_before_anything_is_asked(github, hub, resource):
    assert fail(hub, resource, secret="").reason is Reason.INVALID_CONFIG
    assert github.requests == []


@pytest.mark.parametrize("resource", ["octocorp/service-1", "octocorp"])
def test_a_permission_that_is_not_granted_is_named(github, hub, resource):
    github.installations[0].permissions = {"metadata": "read", "repository_hooks": "read", "organization_hooks": "read"}

    failed = fail(hub, resource)

    assert failed.reason is Reason.PERMISSION_MISSING
    assert f"{'repository' if '/' in resource else 'organization'}_hooks:write" in failed.evidence


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (error(403, "Resource not accessible by integration"), Reason.PERMISSION_MISSING),
        (error(403, "You have exceeded a secondary rate limit."), Reason.RATE_LIMITED),
        (error(404, "Not Found"), Reason.INVALID_CONFIG),
        (error(500, "Server Error"), Reason.SERVER_ERROR),
        (error(307, "Moved"), Reason.INVALID_CONFIG),
    ],
)
@pytest.mark.parametrize("path", [HOOKS, f"{HOOKS}/1"])
def test_a_refusal_is_told_by_what_it_means(github, hub, path, told, reason):
    hub.order("octocorp/service-1")
    github.instead[path] = (told.status, {}, told.text)

    assert fail(hub, "octocorp/service-1").reason is reason


@pytest.mark.parametrize("body", ["{}", "[5]", '[{"id": "1"}]', '[{"id": 1, "config": []}]', "<html>", ""])
def test_a_list_of_another_shape_is_another_product(github, hub, body):
    github.instead[HOOKS] = (200, {}, body)

    assert fail(hub, "octocorp/service-1").reason is Reason.WRONG_PRODUCT


def test_a_list_that_does_not_end_is_given_up(github, hub):
    root = f"{github.url}{'/api/v3' if github.server else ''}"
    github.instead[HOOKS] = (200, {"Link": f'<{root}/{HOOKS}?page=2>; rel="next"'}, "[]")

    assert fail(hub, "octocorp/service-1").reason is Reason.WRONG_PRODUCT
    assert github.count(f"GET {HOOKS}") == 10


@pytest.mark.parametrize("path", [HOOKS, "app/hook/config"])
def test_a_server_that_sends_everything_back_shows_no_secret(github, hub, path):
    github.echoing = path

    assert "PERMISSION" in fail(hub, "octocorp/service-1" if path == HOOKS else None).reason.name
    # and the fixture looks for what crossed the wire


def test_a_refused_body_shows_no_secret(github, hub):
    hub.order("octocorp/service-1")
    refused = error(422, "Validation Failed", f"{WEBHOOK_SECRET} is too short")
    github.instead[f"{HOOKS}/1"] = (422, {}, refused.text)

    assert "*** is too short" in fail(hub, "octocorp/service-1").evidence


# --- the App's own ---


def test_the_apps_own_webhook_is_changed_and_then_left_as_it_is(github, hub):
    assert hub.order() == Webhook(UPDATED, None, None, ("push", "release"))
    assert hub.order() == Webhook(UNCHANGED, None, None, ("push", "release"))

    assert github.apps[0].hook == CONFIG
    assert github.requests == ["GET app", "GET app/hook/config", "PATCH app/hook/config"] * 2
    assert github.authority.tokens == {}


def test_the_apps_own_secret_is_sent_each_time(github, hub):
    hub.order()
    hub.order(secret="not-a-real-webhook-secret-2")

    assert github.apps[0].hook["secret"] == "not-a-real-webhook-secret-2"


def test_an_app_whose_webhook_delivers_nowhere_yet_gets_one(github, hub):
    github.apps[0].hook = {"content_type": "json", "insecure_ssl": "0"}

    assert hub.order().outcome is CREATED


def test_an_app_without_a_webhook_says_where_it_is_switched_on(github, hub):
    github.apps[0].hook = {}

    failed = fail(hub)

    assert failed.reason is Reason.INVALID_CONFIG
    assert "Active" in failed.remedy


def test_the_apps_own_events_are_its_settings(github, hub):
    assert hub.order(None, "push").events == ("push", "release")
    before = dict(github.apps[0].hook)

    failed = fail(hub, None, "fork", "push")

    assert failed.reason is Reason.INVALID_CONFIG
    assert "fork" in failed.evidence
    assert github.apps[0].hook == before


def test_the_webhook_of_another_app_than_the_config_names_is_not_touched(github, hub):
    before = dict(github.apps[0].hook)
    change = {"clientId": "Iv23ghijkl"} if github.server else {"appId": 8, "clientId": "Iv23abcdef"}

    assert fail(hub, **change).reason is Reason.INVALID_CONFIG
    assert github.apps[0].hook == before


def test_another_clock_is_worked_round(github, hub):
    github.clock_shift_s = 7200.0

    assert hub.order().outcome is UPDATED


@pytest.mark.parametrize("path", ["app", "app/hook/config"])
def test_a_document_of_another_shape_is_another_product(github, hub, path):
    github.instead[path] = (200, {}, json.dumps([]))

    assert fail(hub).reason is Reason.WRONG_PRODUCT
