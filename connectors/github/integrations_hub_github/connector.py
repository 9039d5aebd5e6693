"""The check of a GitHub App's installation: is it GitHub, is the key the App's, may it act, how much is left to it."""

from __future__ import annotations

from integrations_hub.connector.contract import Category, Connector, Endpoint, Probe, StepNote
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_github import api
from integrations_hub_github.config import GitHubConfig
from integrations_hub_github.keys import AppKeys
from integrations_hub_github.session import Session
from integrations_hub_github.tokens import InstallationTokens

__all__ = ["GitHubConnector"]


class GitHubConnector(Connector[GitHubConfig]):
    """GitHub by App; the secret has the field `private_key`. Keys and tokens are kept in memory, by key."""

    type, category, version = "github", Category.SCM, "0.1.0"
    config_model = GitHubConfig

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._keys = AppKeys()
        self._tokens = InstallationTokens()

    def endpoint(self, config: GitHubConfig) -> Endpoint:
        """Return the root of GitHub's API."""
        return Endpoint(config.endpoint, config.ca_bundle)

    async def check_health(self, probe: Probe[GitHubConfig]) -> None:
        """Check product and App by the App's own token, then its installation, then what that has left."""
        async with probe.step(StepName.PRODUCT) as step:
            (pem,) = probe.credential.require("private_key")
            session = Session(probe, self._keys.get(pem), self._tokens)
            answer = await session.get_app()
            api.judge_product(answer)
            step.evidence = "GitHub answers"
        async with probe.step(StepName.AUTHENTICATE) as step:
            _judge_app(step, api.decode_app(answer), probe.config, session.skew_s)
        async with probe.step(StepName.AUTHORIZE) as step:
            _judge_installation(step, api.decode_installation(await session.get_installation()), probe.config)
            token = await session.token()
        async with probe.step(StepName.QUOTA) as step:
            _judge_quota(step, api.decode_quota(await session.get_as_installation("rate_limit", token)))


def _judge_app(step: StepNote, app: api.App, config: GitHubConfig, skew_s: float) -> None:
    client_differs = None not in (app.client_id, config.client_id) and app.client_id != config.client_id
    if config.app_id not in (None, app.id) or client_differs:
        evidence = f"the key is of the App {app.name}, ID {app.id}; the config names another"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Correct appId and clientId, or store that App's key.")
    step.evidence = f"the key is the App's: {app.name}, ID {app.id}"
    if skew_s:
        evidence = f"the hub's clock is {abs(skew_s):.0f} s {'behind' if skew_s > 0 else 'ahead of'} GitHub's"
        step.degrade(Reason.CLOCK_SKEW, evidence, "Synchronise the clock of the hub's machine (NTP).")


def _judge_installation(step: StepNote, installation: api.Installation, config: GitHubConfig) -> None:
    if installation.suspended:
        raise api.suspended()
    step.evidence = f"installed for {installation.account}"
    missing = ", ".join(installation.lacks(config.permissions))
    if missing:
        remedy = "Add them to the App's permissions and have the account's owner accept the change."
        step.degrade(Reason.PERMISSION_MISSING, f"{step.evidence}, without {missing}", remedy)


def _judge_quota(step: StepNote, quota: api.Quota | None) -> None:
    if quota is None:
        step.evidence = "this server limits no rate"
        return
    step.evidence = f"{quota.remaining} of {quota.limit} requests of this hour are left"
    if quota.low:
        step.degrade(Reason.QUOTA_LOW, step.evidence, "Look for what uses up this App's requests.")
