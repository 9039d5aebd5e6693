"""A Harbor and one robot account: whether it works, what the robot sees, and what Harbor tells of it unasked."""

from __future__ import annotations

from datetime import UTC, datetime

from integrations_hub.connector.contract import (
    Access,
    Category,
    Connector,
    Delivery,
    Endpoint,
    Probe,
    ReceivedEvent,
    ResourcePage,
    StepNote,
    Webhook,
    WebhookOrder,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_harbor import api, discovery, events, robots
from integrations_hub_harbor.config import HarborConfig
from integrations_hub_harbor.documents import mapping, pages
from integrations_hub_harbor.projects import decode_projects
from integrations_hub_harbor.session import Session
from integrations_hub_harbor.webhooks import set_up

__all__ = ["HarborConnector"]

_MOST_PAGES = 5


class HarborConnector(Connector[HarborConfig]):
    """Harbor 2.x by robot account; the secret has the fields `username` (in full) and `password`."""

    type, category, version = "harbor", Category.REGISTRY, "0.1.0"
    resource_kinds, webhooks = ("projects", "repositories"), True
    config_model = HarborConfig

    def endpoint(self, config: HarborConfig) -> Endpoint:
        """Return the root of Harbor's API."""
        return config.to_endpoint()

    async def check_health(self, probe: Probe[HarborConfig]) -> None:
        """Check product and components, then the robot, then its project when the config names one."""
        async with probe.step(StepName.PRODUCT) as step:
            api.decode_ping(await probe.http.get("ping", headers={"Accept": "text/plain, application/json"}))
            _judge_components(step, api.decode_health(await probe.http.get("health")))
        async with probe.step(StepName.AUTHENTICATE) as step:
            session = Session(probe)
            lifetime = await _lifetime(session, probe.config.project)
            info = api.decode_system_info(await session.get("systeminfo"))
            _judge_robot(step, info, lifetime)
            probe.credential_ends_at = lifetime.ends_at if lifetime else None
        if probe.config.project:
            async with probe.step(StepName.AUTHORIZE) as step:
                await _find_project(session, probe.config.project)
                step.evidence = f"the private project {probe.config.project} is visible"

    async def discover(self, access: Access[HarborConfig], kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of projects; or of repositories, of the config's project where it names one."""
        if kind == "projects":
            return await discovery.list_projects(Session(access), cursor)
        if kind == "repositories":
            return await discovery.list_repositories(Session(access), access.config.project, cursor)
        remedy = "Ask for projects or repositories."
        raise CheckFailed(Reason.INVALID_CONFIG, "Harbor's connector lists no such kind", remedy)

    async def setup_webhook(self, access: Access[HarborConfig], order: WebhookOrder) -> Webhook:
        """Set up the webhook policy of one project: the resource, else the config's."""
        return await set_up(Session(access, order.secret), order, access.config.project)

    def verify_event(self, config: HarborConfig, delivery: Delivery, secret: Secret) -> ReceivedEvent:  # noqa: ARG002
        """Return what a delivery says once its Authorization field is the secret."""
        return events.verify(delivery, secret)


def _judge_components(step: StepNote, down: tuple[api.Component, ...]) -> None:
    step.evidence = "Harbor, all components healthy"
    if not down:
        return
    evidence = "; ".join(f"{one.name}: {one.error}" if one.error else one.name for one in down)
    remedy = f"Look at Harbor's {', '.join(one.name for one in down)}."
    if any(one.essential for one in down):
        raise CheckFailed(Reason.COMPONENT_DOWN, f"down: {evidence}", remedy)
    step.degrade(Reason.COMPONENT_DOWN, f"down, but images flow: {evidence}", remedy)


async def _lifetime(session: Session, project: str | None) -> robots.Lifetime | None:
    """Look for the robot in the list of robots, when it may see that."""
    params = robots.list_params(None)
    if robots.in_project(session.robot, project):
        answer = await session.get(f"projects/{project}")
        number = mapping(answer.json(), "project").get("project_id") if answer.status == 200 else None  # noqa: PLR2004
        if type(number) is not int:
            return None
        params = robots.list_params(number)
    number, last = 1, 1
    while number <= last:
        answer = await session.page("robots", number, params)
        found = robots.decode_lifetime(answer, session.robot)
        if found:
            return found
        number, last = number + 1, min(pages(answer), _MOST_PAGES)
    return None


def _judge_robot(step: StepNote, info: api.SystemInfo, lifetime: robots.Lifetime | None) -> None:
    end = "and does not tell it when it ends: it may not list robots"
    if lifetime:
        end = f"which ends on {lifetime.ends_at:%Y-%m-%d}" if lifetime.ends_at else "which never ends"
    step.evidence = f"Harbor {info.version} knows the robot, {end}"
    if info.read_only:
        remedy = "Switch read-only mode off in Harbor's system settings when its maintenance is over."
        step.degrade(Reason.READ_ONLY, f"Harbor {info.version} is in read-only mode: no image can be pushed", remedy)
    elif lifetime and lifetime.expiring(datetime.now(UTC)):
        remedy = "Lengthen the robot's duration in Harbor, or make a new robot and store it in place of this one."
        step.degrade(Reason.CREDENTIAL_EXPIRING, step.evidence, remedy)


async def _find_project(session: Session, name: str) -> None:
    """Look for the exact name: Harbor's own filter matches it anywhere in a name.

    Raises:
        CheckFailed: `permission_missing` when the robot does not see it.
    """
    number, last = 1, 1
    while number <= last:
        answer = await session.page("projects", number, {"name": name, "public": "false"})
        if any(project.name == name for project in decode_projects(answer)):
            return
        number, last = number + 1, min(pages(answer), _MOST_PAGES)
    raise CheckFailed(
        Reason.PERMISSION_MISSING,
        f"the robot sees no private project {name}",
        "Give the robot account permissions in the project, or correct the project's name (it must be private).",
    )
