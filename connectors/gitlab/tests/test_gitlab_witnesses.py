"""Two that nobody of this project wrote: a description of GitLab's API between connector and simulated GitLab, and
GitLab's SDK for Python in the connector's place.
"""

from __future__ import annotations

from base64 import b64encode

import gitlab as sdk
import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import WebhookOutcome
from tests.support.asking import EVENTS_URL
from tests.support.contracts import beside_the_checkout
from tests.support.prism import prism_proxy

from .gitlab_hub import CANARY, asking, no_secret_in_logs, served
from .simulated_gitlab import AccessToken, Project

__all__ = ["no_secret_in_logs"]

SIGNING = f"whsec_{b64encode(b'not-a-real-signing-key-canary-32').decode()}"


@pytest.fixture
def gitlab():
    projects = [Project(number, f"group/p{number}") for number in range(1, 251)]
    with served(AccessToken(CANARY, scopes=("api",)), projects=projects) as simulated:
        yield simulated


@pytest.fixture
def client(gitlab):
    with sdk.Gitlab(gitlab.url, private_token=CANARY, keep_base_url=True) as client:
        yield client


def test_the_description_of_the_api_has_nothing_against_either(gitlab):
    with prism_proxy(beside_the_checkout("gitlab-v4.reduced.handmade.json"), gitlab.url) as prism:
        gitlab.external_url = prism.url
        ours = asking(gitlab, prism.url)

        assert ours.check().reason is Reason.OK
        assert [len(page.items) for page in ours.all_of("projects")] == [100, 100, 50]
        for secret in ("not-a-real-webhook-secret-1", SIGNING):
            ours.order("group/p7", secret=secret)
        assert ours.order("7", secret=SIGNING).outcome is WebhookOutcome.UNCHANGED
        ours.order("group/p7", "pipeline")


def test_what_the_api_refuses_is_described_too(gitlab):
    with prism_proxy(beside_the_checkout("gitlab-v4.reduced.handmade.json"), gitlab.url) as prism:
        ours = asking(gitlab, prism.url)
        gitlab.projects[6].level = 30
        for resource, reason in (("7", Reason.PERMISSION_MISSING), ("group/none", Reason.INVALID_CONFIG)):
            with pytest.raises(CheckFailed) as failed:
                ours.order(resource)
            assert failed.value.reason is reason
        gitlab.tokens.clear()
        assert ours.check().reason is Reason.CREDENTIAL_REJECTED


def test_the_sdk_finds_every_project_by_keyset(client):
    listed = client.projects.list(
        iterator=True, membership=True, simple=True, pagination="keyset", order_by="id", sort="asc", per_page=100
    )

    assert [project.id for project in listed] == list(range(1, 251))
    assert client.projects.get("group/p7").id == 7


def test_the_sdk_knows_its_own_token(client):
    client.auth()
    token = client.personal_access_tokens.get("self")

    assert client.user.username == "project_7_bot"
    assert (token.active, token.revoked, token.scopes, token.expires_at) == (True, False, ["api"], None)


def test_the_sdk_sees_the_webhook_the_connector_made_and_may_change_it(gitlab, client):
    asking(gitlab).order("group/p7", "push", secret=SIGNING)
    hooks = client.projects.get(7).hooks

    (hook,) = hooks.list(get_all=True)
    assert (hook.url, hook.push_events, hook.job_events, hook.signing_token_present) == (EVENTS_URL, True, False, True)
    hook.job_events = True
    hook.save()
    assert asking(gitlab).order("group/p7", "push", secret=SIGNING).outcome is WebhookOutcome.UPDATED
    assert hooks.get(hook.id).job_events is False
    other = hooks.create({"url": "https://other.example/hook"})
    other.delete()
    assert len(hooks.list(get_all=True)) == 1


def test_the_sdk_is_refused_as_gitlab_refuses(gitlab, client):
    gitlab.projects[6].level = 30
    with pytest.raises(sdk.exceptions.GitlabListError, match="403 Forbidden"):
        client.projects.get(7).hooks.list(get_all=True)
    with pytest.raises(sdk.exceptions.GitlabGetError, match="404 Project Not Found"):
        client.projects.get("group/none")
    gitlab.tokens.clear()
    with pytest.raises(sdk.exceptions.GitlabAuthenticationError, match="401 Unauthorized"):
        client.auth()
