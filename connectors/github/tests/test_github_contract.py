"""The simulated GitHub and the connector, judged by others: GitHub's own OpenAPI document, and an SDK of GitHub's users.

What the simulated one says, GitHub's document allows; what PyGithub sees there, the connector sees.
"""

from contextlib import contextmanager

import pytest
from github import Auth, GithubException, GithubIntegration, UnknownObjectException

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from tests.support.contracts import enterprise_server
from tests.support.prism import ContractViolated, prism_mock, prism_proxy

from .github_hub import OTHER_PUBLIC, PRIVATE, URL, everything, simulated, watched
from .simulated_github import Repository

REPOSITORY, ORGANISATION = "octocorp/service-1", "octocorp"
PATHS = (
    "/app",
    "/app/hook/config",
    "/app/installations/{installation_id}",
    "/app/installations/{installation_id}/access_tokens",
    "/installation/repositories",
    "/meta",
    "/orgs/{org}/hooks",
    "/orgs/{org}/hooks/{hook_id}",
    "/rate_limit",
    "/repos/{owner}/{repo}/hooks",
    "/repos/{owner}/{repo}/hooks/{hook_id}",
)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return enterprise_server(tmp_path_factory.mktemp("contracts"), PATHS)


@pytest.fixture
def github():
    with simulated(server=True) as running:
        rights = {"metadata": "read", "repository_hooks": "write", "organization_hooks": "write"}
        running.installations[0].permissions = rights
        running.apps[0].hook = {"url": "https://old.example", "content_type": "json", "insecure_ssl": "0"}
        running.repositories[:] = [Repository(number, f"octocorp/service-{number}") for number in range(1, 251)]
        yield running


@contextmanager
def judged(github, document, caplog):
    """Give a hub that reaches the simulated GitHub through the judge."""
    with prism_proxy(document, github.url) as prism, watched(github, caplog, prism.url) as hub:
        github.known_as = prism.url
        yield hub


# --- GitHub's own document ---


def test_the_whole_journey_is_within_githubs_own_document(github, document, caplog):
    with judged(github, document, caplog) as hub:
        assert hub.check(permissions={"metadata": "read"}).reason is Reason.OK
        assert [len(page.items) for page in everything(hub)] == [50] * 5
        for resource in (REPOSITORY, ORGANISATION):
            assert [hub.order(resource).outcome, hub.order(resource).outcome] == ["created", "unchanged"]
        assert [hub.order().outcome, hub.order().outcome] == ["updated", "unchanged"]


def test_the_refusals_are_within_githubs_own_document(github, document, caplog):
    with judged(github, document, caplog) as hub:
        github.rate_limiting = False
        assert hub.check().reason is Reason.OK
        assert hub.check(installationId=80).reason is Reason.INVALID_CONFIG
        with pytest.raises(CheckFailed, match="not included in the list"):
            hub.order(REPOSITORY, "no_such_event")
        github.installations[0].suspended = True
        assert hub.check().reason is Reason.SUSPENDED


def test_a_simulated_github_that_lies_is_found_out(github, document, caplog):
    github.instead["rate_limit"] = (200, {"Content-Type": "application/json"}, '{"resources": {"core": {}}}')

    with pytest.raises(ContractViolated, match="api/v3/rate_limit"), judged(github, document, caplog) as hub:
        hub.check()


def test_a_mock_made_of_githubs_own_examples_is_healthy_and_its_next_page_elsewhere_not_followed(
    github, document, caplog
):
    # the example of a token is years past its end, and of a next page it is github.com's, from an Enterprise Server
    with prism_mock(document) as prism, watched(github, caplog, prism.url) as hub:
        assert hub.check(appId=1).reason is Reason.OK
        with pytest.raises(CheckFailed, match=r"outside the endpoint, to https://api\.github\.com"):
            hub.discover()


# --- PyGithub ---


@pytest.fixture
def pygithub(github):
    """Give an SDK's view of the App, and of its installation."""
    auth, root = Auth.AppAuth(7, PRIVATE), f"{github.url}/api/v3"
    app = GithubIntegration(auth=auth, base_url=root, seconds_between_requests=None, seconds_between_writes=None)
    installation = app.get_github_for_installation(70)
    yield app, installation
    installation.close()
    app.close()


def test_pygithub_sees_the_same_app_and_installation(pygithub, github, caplog):
    app, installation = pygithub
    with watched(github, caplog) as hub:
        steps = {step.name: step.evidence for step in hub.check().steps}

    theirs = app.get_app()
    assert f"{theirs.slug}, ID {theirs.id}" in steps["authenticate"]
    assert app.get_app_installation(70).account.login in steps["authorize"]
    quota = installation.get_rate_limit().resources.core
    assert f"{quota.remaining} of {quota.limit}" in steps["quota"]


def test_pygithub_lists_the_same_repositories(pygithub, github, caplog):
    app, _ = pygithub
    with watched(github, caplog) as hub:
        ours = [(int(one.id), one.name, one.url) for page in everything(hub) for one in page.items]

    theirs = [(one.id, one.full_name, one.html_url) for one in app.get_app_installation(70).get_repos()]
    assert ours == theirs
    assert len(ours) == 250


@pytest.mark.parametrize("resource", [REPOSITORY, ORGANISATION])
def test_pygithub_sees_the_webhook_that_was_set_up_and_the_hub_the_one_it_made(pygithub, github, caplog, resource):
    _, installation = pygithub
    place = installation.get_repo(resource) if "/" in resource else installation.get_organization(resource)
    with watched(github, caplog) as hub:
        webhook = hub.order(resource, "push")
        (seen,) = place.get_hooks()
        assert (str(seen.id), seen.active, seen.events) == (webhook.id, True, ["push"])
        config = dict(seen.config)
        assert config == {"url": URL, "content_type": "json", "insecure_ssl": "0", "secret": "********"}

        seen.edit("web", {"url": URL, "content_type": "form"}, ["push"])
        assert hub.order(resource, "push").outcome == "updated"
        seen.delete()
        place.create_hook("web", config, ["push"], active=True)
        assert hub.order(resource, "push").outcome == "unchanged"


def test_pygithub_is_refused_where_the_hub_is(pygithub, github, caplog):
    app, _ = pygithub
    with watched(github, caplog) as hub:
        assert hub.check(installationId=80).reason is Reason.INVALID_CONFIG
        with pytest.raises(UnknownObjectException):
            app.get_app_installation(80)
        github.apps[0].public_key = OTHER_PUBLIC
        assert hub.check().reason is Reason.CREDENTIAL_REJECTED
        with pytest.raises(GithubException) as refused:
            app.get_app()
        assert refused.value.status == 401
