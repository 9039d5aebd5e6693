"""The check of a Harbor over real HTTP: a simulated Harbor in all its states."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations_hub.connector.contract import Credential, Probe, StepStatus
from integrations_hub.connector.http import Sender, Transport
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_harbor import HarborConnector
from local.simulated_harbor import Project, Robot
from tests.support.asking import LOOPBACK

from .harbor_hub import CANARY, QUICK, ROBOT, asking, decisive, harbor, no_secret_in_logs

__all__ = ["harbor", "no_secret_in_logs"]


def test_a_healthy_harbor_passes_every_step(harbor):
    result = asking(harbor.url, project="payments").check()

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "product", "authenticate", "authorize"]
    assert all(step.status is StepStatus.PASSED and step.evidence for step in result.steps)
    assert sum(step.duration_ms for step in result.steps) <= result.latency_ms
    assert "v2.15.2" in result.steps[2].evidence


def test_a_name_is_resolved_first(harbor):
    result = asking(harbor.url.replace("127.0.0.1", "localhost")).check()

    assert [step.name for step in result.steps] == ["resolve", "connect", "product", "authenticate"]


@pytest.mark.parametrize(
    "robot",
    [
        Robot(ROBOT, "not-a-real-secret-2"),
        Robot("robot$other", CANARY),
        Robot(ROBOT, CANARY, disabled=True),
        Robot(ROBOT, CANARY, expires_at=1),
    ],
    ids=["wrong secret", "unknown", "disabled", "expired"],
)
def test_a_robot_that_harbor_takes_for_nobody_is_rejected(harbor, robot):
    harbor.robots[:] = [robot]

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert result.decisive.remedy


def test_a_secret_without_its_fields_is_an_invalid_config(harbor):
    result = asking(harbor.url).but(fields={"token": CANARY}).check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert "username, password" in result.decisive.evidence


def test_a_secret_with_a_line_break_is_not_sent(harbor):
    result = asking(harbor.url).but(fields={"username": ROBOT, "password": f"{CANARY}\n"}).check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert not any("systeminfo" in request or "robots" in request for request in harbor.requests)


@pytest.mark.parametrize("name", ["core", "database", "redis", "registry", "registryctl"])
def test_an_essential_component_down_fails_the_check(harbor, name):
    harbor.break_component(name)

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.COMPONENT_DOWN)
    assert result.failed
    assert name in result.decisive.evidence


@pytest.mark.parametrize("name", ["portal", "jobservice", "trivy"])
def test_an_inessential_component_down_degrades_it(harbor, name):
    harbor.break_component(name)

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.COMPONENT_DOWN)
    assert not result.failed
    assert result.steps[-1].name is StepName.AUTHENTICATE


def test_a_read_only_harbor_is_degraded(harbor):
    harbor.read_only = True

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.READ_ONLY)
    assert not result.failed


def test_a_private_project_the_robot_does_not_see_lacks_permission(harbor):
    harbor.robots[:] = [Robot(ROBOT, CANARY, projects=("other",))]

    result = asking(harbor.url, project="payments").check()

    assert decisive(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)


def test_a_project_is_found_by_its_whole_name_on_whichever_page(harbor):
    harbor.projects[:] = [*(Project(f"a{n}-payments") for n in range(150)), Project("payments")]

    result = asking(harbor.url, project="payments").check()

    assert result.reason is Reason.OK
    assert harbor.requests.count("GET /api/v2.0/projects") == 2


def test_a_harbor_that_fails_is_a_server_error(harbor):
    harbor.failing = True

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.SERVER_ERROR)
    assert "503" in result.decisive.evidence


def test_a_harbor_that_hangs_times_out_at_its_step(harbor):
    harbor.latency_s = 5

    result = asking(harbor.url).but(limits=QUICK).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)
    assert result.steps[0].name is StepName.CONNECT


def test_the_senders_own_deadline_ends_a_check_of_many_slow_requests(harbor):
    harbor.latency_s = 1.0

    result = asking(harbor.url).but(limits=replace(QUICK, check_s=1.8)).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


def test_the_engines_deadline_leaves_a_result_too(harbor):
    harbor.latency_s = 5

    result = asking(harbor.url).but(deadline_s=1.0).check()

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


def test_a_connection_is_used_again_for_the_next_request(harbor):
    result = asking(harbor.url, project="payments").check()

    assert [step.name for step in result.steps].count(StepName.CONNECT) == 1


def test_one_transport_serves_many_checks_at_once(harbor):
    connector, transport = HarborConnector(), Transport(LOOPBACK)
    config = connector.validate_config({"endpoint": harbor.url})
    credential = Credential({"username": Secret(ROBOT), "password": Secret(CANARY)})

    async def many():
        probes = [Probe(config, credential, Sender(transport, connector.endpoint(config))) for _ in range(40)]
        await asyncio.gather(*map(connector.check_health, probes))
        await transport.close()
        return [probe.result() for probe in probes]

    assert all(result.reason is Reason.OK for result in asyncio.run(many()))


# --- when the robot ends ---


def test_a_robot_that_may_not_list_robots_does_not_learn_when_it_ends(harbor):
    harbor.robots[0].expires_at = soon(days=3)

    result = asking(harbor.url).check()

    assert result.reason is Reason.OK
    assert result.credential_ends_at is None
    assert result.steps[-1].evidence.endswith("does not tell it when it ends: it may not list robots")


@pytest.mark.parametrize(("days", "reason"), [(13, Reason.CREDENTIAL_EXPIRING), (15, Reason.OK)])
def test_a_robot_that_may_list_robots_tells_its_end(harbor, days, reason):
    others = [Robot(f"robot$other-{number}", "not-a-real-secret-2") for number in range(120)]
    harbor.robots[:] = [*others, Robot(ROBOT, CANARY, expires_at=soon(days), lists_robots=True)]

    result = asking(harbor.url).check()

    assert (result.reason, result.failed) == (reason, False)
    assert result.credential_ends_at.timestamp() == soon(days)
    assert f"ends on {result.credential_ends_at:%Y-%m-%d}" in result.steps[-1].evidence


def test_a_robot_that_never_ends_says_so(harbor):
    harbor.robots[0].lists_robots = True

    result = asking(harbor.url).check()

    assert (result.reason, result.credential_ends_at) == (Reason.OK, None)
    assert result.steps[-1].evidence.endswith("which never ends")


def test_a_projects_robot_is_looked_for_in_its_project(harbor):
    name = "robot$payments+hub"
    harbor.robots[:] = [Robot(name, CANARY, expires_at=soon(days=9), lists_robots=True)]

    told = asking(harbor.url, name, project="payments").check()
    untold = asking(harbor.url, name).check()

    assert (told.reason, told.credential_ends_at.timestamp()) == (Reason.CREDENTIAL_EXPIRING, soon(days=9))
    assert (untold.reason, untold.credential_ends_at) == (Reason.OK, None)


def soon(days):
    return int(datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0).timestamp()) + days * 86400
