"""Webhooks of projects: made once, corrected, and proven by the best the server has."""

from __future__ import annotations

from base64 import b64encode

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import Webhook, WebhookOutcome
from tests.support.asking import EVENTS_URL, WEBHOOK_SECRET

from .gitlab_hub import CANARY, asking, no_secret_in_logs, served
from .simulated_gitlab import AccessToken, Hook, Project

__all__ = ["no_secret_in_logs"]

DEFAULT = ("merge_requests_events", "push_events", "releases_events", "tag_push_events")
SIGNING = f"whsec_{b64encode(b'not-a-real-signing-key-canary-32').decode()}"
TOO_SHORT = f"whsec_{b64encode(b'not-a-real-key').decode()}"


@pytest.fixture
def gitlab():
    with served(AccessToken(CANARY, scopes=("api",)), projects=[Project(7, "group/hub")]) as simulated:
        yield simulated


def refused(gitlab, *arguments, **options):
    with pytest.raises(CheckFailed) as failed:
        asking(gitlab).order(*arguments, **options)
    assert failed.value.remedy
    return failed.value


def hooks(gitlab):
    return gitlab.projects[0].hooks


@pytest.mark.parametrize("resource", ["group/hub", "7"])
def test_a_webhook_is_made_with_its_token_and_verifies_tls(gitlab, resource):
    made = asking(gitlab).order(resource)

    assert made == Webhook(WebhookOutcome.CREATED, "1", "group/hub", DEFAULT)
    assert hooks(gitlab) == [Hook(1, EVENTS_URL, set(DEFAULT), token=WEBHOOK_SECRET)]
    assert gitlab.requests[0] == f"projects/{resource.replace('/', '%2F')}"
    assert gitlab.requests[1:] == ["projects/7/hooks", "POST projects/7/hooks"]


def test_ordered_again_it_is_found(gitlab):
    asking(gitlab).order("group/hub")

    assert asking(gitlab).order("group/hub").outcome is WebhookOutcome.UNCHANGED
    assert len(hooks(gitlab)) == 1


def test_it_is_found_among_many_and_others_are_left_alone(gitlab):
    others = [Hook(number, f"https://other.example/{number}", {"job_events"}) for number in range(1, 151)]
    hooks(gitlab)[:] = [*others, Hook(200, EVENTS_URL)]

    made = asking(gitlab).order("group/hub", "push")

    assert (made.outcome, made.id) == (WebhookOutcome.UPDATED, "200")
    assert hooks(gitlab)[:150] == [
        Hook(number, f"https://other.example/{number}", {"job_events"}) for number in range(1, 151)
    ]


@pytest.mark.parametrize(
    "change", [{"events": {"push_events", "job_events"}}, {"events": set()}, {"verifies": False}, {"token": ""}]
)
def test_what_differs_is_corrected(gitlab, change):
    hooks(gitlab).append(Hook(**{"id": 5, "url": EVENTS_URL, "token": WEBHOOK_SECRET, **change}))

    assert asking(gitlab).order("group/hub", "push").outcome is WebhookOutcome.UPDATED
    assert hooks(gitlab) == [Hook(5, EVENTS_URL, {"push_events"}, token=WEBHOOK_SECRET)]


def test_a_secret_that_was_rotated_is_sent_although_it_cannot_be_seen(gitlab):
    asking(gitlab).order("group/hub")

    again = asking(gitlab).order("group/hub", secret="not-a-real-webhook-secret-2")

    assert again.outcome is WebhookOutcome.UNCHANGED
    assert hooks(gitlab)[0].token == "not-a-real-webhook-secret-2"


def test_events_are_named_with_or_without_their_ending(gitlab):
    made = asking(gitlab).order("group/hub", "pipeline_events", "job", "pipeline")

    assert made.events == ("job_events", "pipeline_events")
    assert hooks(gitlab)[0].events == {"job_events", "pipeline_events"}


# --- signing tokens ---


def test_a_signing_secret_is_what_deliveries_are_signed_with_and_is_not_sent_along(gitlab):
    made = asking(gitlab).order("group/hub", secret=SIGNING)

    assert made.outcome is WebhookOutcome.CREATED
    assert hooks(gitlab) == [Hook(1, EVENTS_URL, set(DEFAULT), signing_token=SIGNING)]
    assert asking(gitlab).order("group/hub", secret=SIGNING).outcome is WebhookOutcome.UNCHANGED


@pytest.mark.parametrize("tells", [True, False])
def test_a_server_without_signing_tokens_is_given_it_as_a_token(gitlab, tells):
    gitlab.signing, gitlab.tells_hook_tokens = False, tells

    outcomes = [asking(gitlab).order("group/hub", secret=SIGNING).outcome for _ in range(2)]

    assert outcomes == [WebhookOutcome.CREATED, WebhookOutcome.UNCHANGED]
    assert hooks(gitlab) == [Hook(1, EVENTS_URL, set(DEFAULT), token=SIGNING)]


def test_a_secret_that_only_looks_like_one_is_a_token(gitlab):
    asking(gitlab).order("group/hub", secret=TOO_SHORT)

    assert (hooks(gitlab)[0].token, hooks(gitlab)[0].signing_token) == (TOO_SHORT, "")


def test_from_a_token_to_a_signature_and_back_no_old_proof_is_left(gitlab):
    orders = [asking(gitlab).order("group/hub", secret=secret) for secret in (WEBHOOK_SECRET, SIGNING, WEBHOOK_SECRET)]

    assert [order.outcome for order in orders] == [
        WebhookOutcome.CREATED,
        WebhookOutcome.UPDATED,
        WebhookOutcome.UPDATED,
    ]
    assert [(hook.token, hook.signing_token) for hook in hooks(gitlab)] == [(WEBHOOK_SECRET, "")]
    assert str(hooks(gitlab)[0].id) == orders[-1].id


# --- what cannot be done ---


@pytest.mark.parametrize(
    "resource", [None, "hub", "group/../hub", "group/hub?x", "group%2Fhub", "-1", "/group/hub", ""]
)
def test_what_names_no_project_is_refused_and_not_asked_for(gitlab, resource):
    assert refused(gitlab, resource).reason is Reason.INVALID_CONFIG
    assert gitlab.requests == []


@pytest.mark.parametrize(
    ("events", "secret"), [(("pull_request",), WEBHOOK_SECRET), (("*",), WEBHOOK_SECRET), ((), "")]
)
def test_an_unknown_event_or_an_empty_secret_is_refused_before_anything_is_sent(gitlab, events, secret):
    assert refused(gitlab, "group/hub", *events, secret=secret).reason is Reason.INVALID_CONFIG
    assert gitlab.requests == []


def test_a_project_the_token_does_not_see_is_refused(gitlab):
    assert refused(gitlab, "group/other").reason is Reason.INVALID_CONFIG


def test_a_project_that_was_moved_is_found_at_its_new_name(gitlab):
    gitlab.moved["old/hub"] = 7

    assert asking(gitlab).order("old/hub").resource == "group/hub"


def test_who_is_no_maintainer_lacks_permission(gitlab):
    gitlab.projects[0].level = 30

    failed = refused(gitlab, "group/hub")

    assert failed.reason is Reason.PERMISSION_MISSING
    assert "Maintainer" in failed.remedy


def test_a_token_that_may_only_read_lacks_permission(gitlab):
    gitlab.tokens[0].scopes = ("read_api",)

    failed = refused(gitlab, "group/hub")

    assert failed.reason is Reason.PERMISSION_MISSING
    assert "api" in failed.remedy


def test_an_address_gitlab_blocks_is_told_without_the_secret_it_repeats(gitlab):
    failed = refused(gitlab, "group/hub", url="https://127.0.0.1/events")

    assert failed.reason is Reason.INVALID_CONFIG
    assert "local network are not allowed, ***" in failed.evidence


def test_a_list_of_webhooks_without_an_end_is_another_product(gitlab):
    link = {"Link": f'<{gitlab.url}/api/v4/projects/7/hooks?page=2>; rel="next"'}
    gitlab.instead["projects/7/hooks"] = (200, "application/json", "[]", link)

    assert refused(gitlab, "group/hub").reason is Reason.WRONG_PRODUCT
    assert gitlab.requests.count("projects/7/hooks") == 10
