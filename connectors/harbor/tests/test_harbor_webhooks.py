"""Webhook policies of projects: made once, corrected where they differ, and their secrets shown to nobody."""

from __future__ import annotations

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import Webhook, WebhookOutcome
from local.simulated_harbor import Policy, Project, Robot
from tests.support.asking import EVENTS_URL, WEBHOOK_SECRET

from .harbor_hub import CANARY, ROBOT, asking, harbor, no_secret_in_logs

__all__ = ["harbor", "no_secret_in_logs"]

DEFAULT = ("DELETE_ARTIFACT", "PUSH_ARTIFACT", "SCANNING_COMPLETED")
TARGET = {
    "type": "http",
    "address": EVENTS_URL,
    "auth_header": WEBHOOK_SECRET,
    "skip_cert_verify": False,
    "payload_format": "Default",
}


def refused(harbor, *arguments, project=None, **options):
    config = {"project": project} if project else {}
    with pytest.raises(CheckFailed) as failed:
        asking(harbor.url, **config).order(*arguments, **options)
    assert failed.value.remedy
    return failed.value


def policies(harbor):
    return harbor.projects[1].policies


def test_a_policy_is_made_with_the_secret_as_it_is_and_verifies_tls(harbor):
    made = asking(harbor.url).order("payments")

    assert made == Webhook(WebhookOutcome.CREATED, "1", "payments", DEFAULT)
    (policy,) = policies(harbor)
    assert (policy.enabled, tuple(policy.event_types), list(policy.targets)) == (True, DEFAULT, [TARGET])
    assert policy.name.startswith("integrations-hub-")


def test_without_a_resource_it_is_of_the_configs_project(harbor):
    assert asking(harbor.url, project="payments").order().resource == "payments"
    assert asking(harbor.url, project="payments").order("library").resource == "library"


def test_ordered_again_it_is_found_and_not_written(harbor):
    asking(harbor.url).order("payments")
    again = asking(harbor.url).order("payments")

    assert (again.outcome, again.id) == (WebhookOutcome.UNCHANGED, "1")
    assert [request.split()[0] for request in harbor.requests] == ["GET", "POST", "GET"]


def test_it_is_found_among_many(harbor):
    policies(harbor)[:] = [Policy(number, f"p{number}", ["PUSH_ARTIFACT"]) for number in range(1, 151)]
    policies(harbor)[130].targets = [TARGET]

    assert asking(harbor.url).order("payments", "PUSH_ARTIFACT").outcome is WebhookOutcome.UNCHANGED
    assert len(policies(harbor)) == 150


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"event_types": ["PUSH_ARTIFACT", "PULL_ARTIFACT"]},
        {"targets": [TARGET | {"skip_cert_verify": True}]},
        {"targets": [TARGET | {"auth_header": "not-a-real-webhook-secret-2"}]},
        {"targets": [TARGET | {"auth_header": None}]},
    ],
)
def test_what_differs_is_corrected_and_the_rest_stays(harbor, change):
    named = {"id": 5, "name": "by hand", "description": "ours", "event_types": ["PUSH_ARTIFACT"], "targets": [TARGET]}
    policies(harbor).append(Policy(**{**named, **change}))

    made = asking(harbor.url).order("payments", "PUSH_ARTIFACT")

    assert (made.outcome, made.id) == (WebhookOutcome.UPDATED, "5")
    (policy,) = policies(harbor)
    assert (policy.name, policy.description, policy.enabled) == ("by hand", "ours", True)
    assert (list(policy.event_types), list(policy.targets)) == (["PUSH_ARTIFACT"], [TARGET])


def test_other_targets_and_the_form_of_the_payload_are_left_as_they_are(harbor):
    other = TARGET | {"address": "https://other.example", "auth_header": "another", "skip_cert_verify": True}
    ours = TARGET | {"payload_format": "CloudEvents", "auth_header": "old"}
    policies(harbor).append(Policy(5, "by hand", ["PUSH_ARTIFACT"], [other, ours]))

    asking(harbor.url).order("payments", "PUSH_ARTIFACT")

    assert list(policies(harbor)[0].targets) == [other, ours | {"auth_header": WEBHOOK_SECRET}]


def test_a_project_whose_name_is_a_number_is_named_and_not_numbered(harbor):
    harbor.projects[:] = [Project("2"), Project("other")]

    asking(harbor.url).order("2")

    assert [len(project.policies) for project in harbor.projects] == [1, 0]


# --- what cannot be done ---


def test_without_any_project_it_is_refused(harbor):
    assert refused(harbor).reason is Reason.INVALID_CONFIG
    assert harbor.requests == []


@pytest.mark.parametrize("resource", ["Payments", "payments/api", "../payments", "pay ments", "x" * 256, "%70ayments"])
def test_what_names_no_project_is_refused_and_not_asked_for(harbor, resource):
    assert refused(harbor, resource).reason is Reason.INVALID_CONFIG
    assert harbor.requests == []


@pytest.mark.parametrize("secret", ["", "two\r\nlines: x", "é", " spaced", "tab\t"])
def test_a_secret_no_header_can_carry_is_refused_before_anything_is_sent(harbor, secret):
    assert refused(harbor, "payments", secret=secret).reason is Reason.INVALID_CONFIG
    assert harbor.requests == []


def test_a_name_that_is_no_events_is_refused_here_and_an_unknown_event_by_harbor(harbor):
    assert refused(harbor, "payments", "push").reason is Reason.INVALID_CONFIG
    assert harbor.requests == []

    failed = refused(harbor, "payments", "NO_SUCH_EVENT")

    assert failed.reason is Reason.INVALID_CONFIG
    assert "unsupported event type NO_SUCH_EVENT" in failed.evidence
    assert policies(harbor) == []


@pytest.mark.parametrize(
    "robot", [Robot(ROBOT, CANARY, manages_webhooks=False), Robot(ROBOT, CANARY, projects=("library",))]
)
def test_a_robot_that_may_not_lacks_permission(harbor, robot):
    harbor.robots[:] = [robot]

    assert refused(harbor, "payments").reason is Reason.PERMISSION_MISSING


def test_a_robot_that_is_nobody_is_rejected(harbor):
    harbor.robots.clear()

    assert refused(harbor, "payments").reason is Reason.CREDENTIAL_REJECTED
