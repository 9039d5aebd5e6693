"""The check of a registry: is it one, does it know the credential, can its repository be pulled, how often still."""

from __future__ import annotations

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.contract import (
    Access,
    Category,
    Connector,
    CredentialNeed,
    Endpoint,
    Probe,
    ResourcePage,
    StepNote,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_docker_registry import api, errors
from integrations_hub_docker_registry.config import DockerRegistryConfig
from integrations_hub_docker_registry.listing import list_repositories, list_tags, repository_of
from integrations_hub_docker_registry.session import Session

__all__ = ["DockerRegistryConnector"]

_REPOSITORIES, _TAGS = "repositories", "tags"


class DockerRegistryConnector(Connector[DockerRegistryConfig]):
    """Any registry of the OCI Distribution API; a secret, if any, has `username` and `password`, or `token`."""

    type, category, version = "docker-registry", Category.REGISTRY, "0.1.0"
    resource_kinds = (_REPOSITORIES, _TAGS)
    credential = CredentialNeed.OPTIONAL
    config_model = DockerRegistryConfig

    def endpoint(self, config: DockerRegistryConfig) -> Endpoint:
        """Return the registry's root."""
        return config.to_endpoint()

    async def check_health(self, probe: Probe[DockerRegistryConfig]) -> None:
        """Check the product, then the login, then that the config's repository can be pulled, and the pulls left."""
        session, name = Session(probe), repository_of(probe)
        async with probe.step(StepName.PRODUCT) as step:
            await session.begin()
            step.evidence = "it speaks the OCI Distribution API"
        async with probe.step(StepName.AUTHENTICATE) as step:
            step.evidence = await session.log_in(scoped=name is not None)
        if name is None:
            return
        async with probe.step(StepName.AUTHORIZE) as step:
            manifest = await _pull(session, name, step)
        quota = api.decode_quota(manifest) if manifest else None
        if quota:
            async with probe.step(StepName.QUOTA) as step:
                _judge_quota(step, quota)

    async def discover(self, access: Access[DockerRegistryConfig], kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of the registry's repositories, or of the tags of the config's repository."""
        if kind == _REPOSITORIES:
            return await list_repositories(access, cursor)
        if kind == _TAGS:
            return await list_tags(access, cursor)
        remedy = f"Ask for {_REPOSITORIES} or {_TAGS}."
        raise CheckFailed(Reason.INVALID_CONFIG, "a registry has no such kind of resource", remedy)


async def _pull(session: Session, name: str, step: StepNote) -> Answer | None:
    """Ask for the manifest of one of the repository's tags, as a pull begins; return it, None where there is no tag."""
    answer = await session.ask(api.tags_path(name), api.pull_scope(name), params={"n": "1"})
    tags = api.decode_tags(answer, name, anonymous=session.anonymous)
    if not tags:
        step.evidence = f"{name} may be pulled, and holds no tag"
        return None
    # of a HEAD nobody counts a pull
    manifest = await session.ask(api.manifest_path(name, tags[0]), api.pull_scope(name), method="HEAD")
    if manifest.status in {401, 403}:
        raise errors.may_not(name, manifest, anonymous=session.anonymous)
    if manifest.status != 404:  # noqa: PLR2004 - HTTP; a tag may be deleted between two requests
        judge_status(manifest)
    step.evidence = f"{name} may be pulled"
    return manifest


def _judge_quota(step: StepNote, quota: api.Quota) -> None:
    step.evidence = f"{quota.remaining} of {quota.limit} pulls are left in this period"
    if quota.low:
        remedy = "Look for what else pulls by this credential or address; a login, or a paid plan, raises the limit."
        step.degrade(Reason.QUOTA_LOW, step.evidence, remedy)
