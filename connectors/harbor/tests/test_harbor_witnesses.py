"""Two that nobody of this project wrote: Harbor's own description of its API between connector and simulated Harbor,
and an SDK for Harbor in the connector's place.
"""

from __future__ import annotations

import asyncio

import harborapi
import pytest
from harborapi.exceptions import Forbidden, Unauthorized

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import WebhookOutcome
from local.simulated_harbor import Project, Robot
from tests.support.asking import EVENTS_URL, WEBHOOK_SECRET
from tests.support.contracts import beside_the_checkout
from tests.support.prism import prism_proxy

from .harbor_hub import CANARY, ROBOT, asking, no_secret_in_logs, served

__all__ = ["no_secret_in_logs"]

DOCUMENT = "harbor-v2.15.2.full.mounted.json"


@pytest.fixture
def harbor():
    many = tuple(f"service-{number}" for number in range(120))
    others = [Project(f"team-{number}") for number in range(120)]
    robots = [Robot(ROBOT, CANARY, lists_robots=True), Robot("robot$payments+hub", CANARY, lists_robots=True)]
    projects = [Project("library", public=True), Project("payments", repositories=many), *others]
    with served(robots=robots, projects=projects) as simulated:
        yield simulated


def test_harbors_description_of_its_api_has_nothing_against_either(harbor):
    with prism_proxy(beside_the_checkout(DOCUMENT), harbor.url) as prism:
        ours = asking(prism.url, project="payments")

        assert ours.check().reason is Reason.OK
        assert asking(prism.url, "robot$payments+hub", project="payments").check().reason is Reason.OK
        assert [len(page.items) for page in ours.all_of("projects")] == [100, 22]
        assert [len(page.items) for page in ours.all_of("repositories")] == [100, 20]
        assert [len(page.items) for page in asking(prism.url).all_of("repositories")] == [100, 20, 0]
        outcomes = [ours.order(None, *events).outcome for events in ((), (), ("PUSH_ARTIFACT",))]
        assert outcomes == [WebhookOutcome.CREATED, WebhookOutcome.UNCHANGED, WebhookOutcome.UPDATED]


def test_what_harbor_refuses_is_described_too(harbor):
    with prism_proxy(beside_the_checkout(DOCUMENT), harbor.url) as prism:
        ours = asking(prism.url, project="payments")
        with pytest.raises(CheckFailed):
            ours.order(None, "NO_SUCH_EVENT")
        harbor.robots[0].manages_webhooks = False
        with pytest.raises(CheckFailed) as failed:
            ours.order()
        assert failed.value.reason is Reason.PERMISSION_MISSING
        harbor.robots.clear()
        assert ours.check().reason is Reason.CREDENTIAL_REJECTED
        harbor.failing = True
        assert ours.check().reason is Reason.SERVER_ERROR


def ask(harbor, call, secret=CANARY):
    """Ask by the SDK."""

    async def work():
        url = f"{harbor.url}/api/v2.0"
        client = harborapi.HarborAsyncClient(url=url, username=ROBOT, secret=secret, retry=None)
        try:
            return await call(client)
        finally:
            await client.client.aclose()

    return asyncio.run(work())


def test_the_sdk_lists_what_the_connector_lists(harbor):
    projects = ask(harbor, lambda client: client.get_projects(page_size=100))
    repositories = ask(harbor, lambda client: client.get_repositories("payments", page_size=100))
    ours = asking(harbor.url)

    assert [one.name for one in projects] == [one.name for page in ours.all_of("projects") for one in page.items]
    listed = [one.name for page in ours.all_of("repositories") for one in page.items]
    assert [one.name for one in repositories] == listed


def test_the_sdk_is_shown_only_public_repositories_where_all_are_listed_at_once(harbor):
    harbor.projects[0].repositories = ("hello",)

    assert [one.name for one in ask(harbor, lambda client: client.get_repositories())] == ["library/hello"]


def test_the_sdk_knows_the_system_and_its_health(harbor):
    info = ask(harbor, lambda client: client.get_system_info())
    health = ask(harbor, lambda client: client.health_check())

    assert (info.harbor_version, info.read_only) == ("v2.15.2-0a1b2c3d", False)
    assert health.status == "healthy"
    assert ask(harbor, lambda client: client.get_system_info(), "not-a-real-secret-2").harbor_version is None


def test_the_sdk_sees_the_policy_the_connector_made_and_may_change_it(harbor):
    asking(harbor.url, project="payments").order()

    (policy,) = ask(harbor, lambda client: client.get_webhook_policies("payments"))
    (target,) = policy.targets
    # Harbor's document leaves out what is false
    assert (target.address, target.auth_header, target.skip_cert_verify) == (EVENTS_URL, WEBHOOK_SECRET, None)
    policy.enabled = False
    ask(harbor, lambda client: client.update_webhook_policy("payments", policy.id, policy))
    assert harbor.projects[1].policies[0].enabled is False
    assert asking(harbor.url, project="payments").order().outcome is WebhookOutcome.UPDATED


def test_the_sdk_finds_its_robot_among_those_it_may_list(harbor):
    (robot,) = ask(harbor, lambda client: client.get_robots())

    assert (robot.name, robot.expires_at, robot.level) == (ROBOT, -1, "system")


def test_the_sdk_is_refused_as_harbor_refuses(harbor):
    with pytest.raises(Unauthorized):
        ask(harbor, lambda client: client.get_webhook_policies("payments"), "not-a-real-secret-2")
    harbor.robots[0].manages_webhooks = False
    with pytest.raises(Forbidden):
        ask(harbor, lambda client: client.get_webhook_policies("payments"))
