"""The check of a Harbor: is it Harbor, does it work, does it know the robot, does the robot see its project."""

from __future__ import annotations

from integrations_hub.connector.contract import Category, Connector, Endpoint, Probe, StepNote
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_harbor import api
from integrations_hub_harbor.config import HarborConfig

__all__ = ["HarborConnector"]

_MOST_PAGES = 5
Robot = tuple[Secret, Secret]


class HarborConnector(Connector[HarborConfig]):
    """Harbor 2.x by robot account; the secret has the fields `username` (in full) and `password`."""

    type, category, version = "harbor", Category.REGISTRY, "0.1.0"
    config_model = HarborConfig

    def endpoint(self, config: HarborConfig) -> Endpoint:
        """Return the root of Harbor's API."""
        return Endpoint(config.endpoint, config.ca_bundle)

    async def check_health(self, probe: Probe[HarborConfig]) -> None:
        """Check product and components, then the robot, then its project when the config names one."""
        async with probe.step(StepName.PRODUCT) as step:
            api.decode_ping(await probe.http.get("ping", headers={"Accept": "text/plain, application/json"}))
            _judge_components(step, api.decode_health(await probe.http.get("health")))
        async with probe.step(StepName.AUTHENTICATE) as step:
            username, password = probe.credential.require("username", "password")
            _judge_info(step, api.decode_system_info(await probe.http.get("systeminfo", auth=(username, password))))
        if probe.config.project:
            async with probe.step(StepName.AUTHORIZE) as step:
                await _find_project(probe, probe.config.project, (username, password))
                step.evidence = f"the private project {probe.config.project} is visible"


def _judge_components(step: StepNote, down: tuple[api.Component, ...]) -> None:
    step.evidence = "Harbor, all components healthy"
    if not down:
        return
    evidence = "; ".join(f"{one.name}: {one.error}" if one.error else one.name for one in down)
    remedy = f"Look at Harbor's {', '.join(one.name for one in down)}."
    if any(one.essential for one in down):
        raise CheckFailed(Reason.COMPONENT_DOWN, f"down: {evidence}", remedy)
    step.degrade(Reason.COMPONENT_DOWN, f"down, but images flow: {evidence}", remedy)


def _judge_info(step: StepNote, info: api.SystemInfo) -> None:
    step.evidence = f"Harbor {info.version} knows the robot"
    if info.read_only:
        remedy = "Switch read-only mode off in Harbor's system settings when its maintenance is over."
        step.degrade(Reason.READ_ONLY, f"Harbor {info.version} is in read-only mode: no image can be pushed", remedy)


async def _find_project(probe: Probe[HarborConfig], name: str, robot: Robot) -> None:
    """Look for the exact name: Harbor's own filter matches it anywhere in a name.

    Raises:
        CheckFailed: `permission_missing` when the robot does not see it.
    """
    page, last = 1, 1
    while page <= last:
        params = {"name": name, "public": "false", "page": str(page), "page_size": str(api.PAGE_SIZE)}
        answer = await probe.http.get("projects", params=params, auth=robot)
        if name in api.decode_projects(answer):
            return
        page, last = page + 1, api.pages(answer, _MOST_PAGES)
    raise CheckFailed(
        Reason.PERMISSION_MISSING,
        f"the robot sees no private project {name}",
        "Give the robot account permissions in the project, or correct the project's name (it must be private).",
    )
