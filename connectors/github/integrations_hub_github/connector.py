"""A GitHub App's installation: whether it works, what it reaches, and what GitHub tells of it unasked."""

from __future__ import annotations

from collections.abc import Iterable

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
from integrations_hub_github import api, events, repositories
from integrations_hub_github.config import GitHubConfig
from integrations_hub_github.endpoint import is_server
from integrations_hub_github.errors import suspended
from integrations_hub_github.keys import AppKeys
from integrations_hub_github.session import Session
from integrations_hub_github.tokens import InstallationTokens
from integrations_hub_github.webhooks import set_up

__all__ = ["GitHubConnector"]


class GitHubConnector(Connector[GitHubConfig]):
    """GitHub by App; the secret has the field `private_key`. Keys and tokens are kept in memory, by key."""

    type, category, version = "github", Category.SCM, "0.1.0"
    resource_kinds, webhooks = ("repositories",), True
    config_model = GitHubConfig

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._keys = AppKeys()
        self._tokens = InstallationTokens()

    def endpoint(self, config: GitHubConfig) -> Endpoint:
        """Return the root of GitHub's API."""
        return config.to_endpoint()

    async def check_health(self, probe: Probe[GitHubConfig]) -> None:
        """Check product and App by the App's own token, then its installation, then what that has left."""
        async with probe.step(StepName.PRODUCT) as step:
            session = self._session(probe)
            answer = await session.as_app("GET", "app")
            api.judge_product(answer)
            step.evidence = "GitHub answers"
        async with probe.step(StepName.AUTHENTICATE) as step:
            _judge_app(step, api.decode_app(answer), session)
        async with probe.step(StepName.AUTHORIZE) as step:
            installation = api.decode_installation(await session.get_installation())
            _judge_installation(step, installation, probe.config, await _place(session, installation))
        async with probe.step(StepName.QUOTA) as step:
            _judge_quota(step, api.decode_quota(await session.as_installation("GET", "rate_limit")))

    async def discover(self, access: Access[GitHubConfig], kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of the repositories the installation reaches; there is no other kind."""
        if kind not in self.resource_kinds:
            raise CheckFailed(Reason.INVALID_CONFIG, "GitHub has no such kind of resource", "Ask for repositories.")
        number = repositories.page_number(cursor)
        params = {"per_page": repositories.PER_PAGE, "page": str(number)}
        answer = await self._session(access).as_installation("GET", repositories.PATH, params=params)
        return repositories.decode_page(answer, number, access.config.endpoint)

    async def setup_webhook(self, access: Access[GitHubConfig], order: WebhookOrder) -> Webhook:
        """Set up the webhook of `owner/repository`, of an organisation, or without a resource the App's own."""
        return await set_up(self._session(access, (order.secret,)), order)

    def verify_event(self, config: GitHubConfig, delivery: Delivery, secret: Secret) -> ReceivedEvent:
        """Return what a delivery says once its `X-Hub-Signature-256` proves it."""
        return events.verify(delivery, secret, config.installation_id)

    def _session(self, access: Access[GitHubConfig], hidden: Iterable[Secret] = ()) -> Session:
        (pem,) = access.credential.require("private_key")
        return Session(access, self._keys.get(pem), self._tokens, hidden)


def _judge_app(step: StepNote, app: api.App, session: Session) -> None:
    session.confirm(app)
    step.evidence = f"the key is the App's: {app.name}, ID {app.id}"
    skew_s = session.skew_s
    if skew_s:
        evidence = f"the hub's clock is {abs(skew_s):.0f} s {'behind' if skew_s > 0 else 'ahead of'} GitHub's"
        step.degrade(Reason.CLOCK_SKEW, evidence, "Synchronise the clock of the hub's machine (NTP).")


async def _place(session: Session, installation: api.Installation) -> str:
    """Say whose installation it is, and of which Enterprise Server; so its token is known to be given and taken."""
    if installation.suspended:
        raise suspended()
    await session.token()
    whose = f"installed for {installation.account}"
    if not is_server(session.root):
        return whose
    version = api.decode_version(await session.as_installation("GET", "meta"))
    return f"{whose} on Enterprise Server {version}" if version else whose


def _judge_installation(step: StepNote, installation: api.Installation, config: GitHubConfig, place: str) -> None:
    step.evidence = place
    missing = ", ".join(installation.lacks(config.permissions))
    if missing:
        remedy = "Add them to the App's permissions and have the account's owner accept the change."
        step.degrade(Reason.PERMISSION_MISSING, f"{place}, without {missing}", remedy)


def _judge_quota(step: StepNote, quota: api.Quota | None) -> None:
    if quota is None:
        step.evidence = "this server limits no rate"
        return
    step.evidence = f"{quota.remaining} of {quota.limit} requests of this hour are left"
    if quota.low:
        step.degrade(Reason.QUOTA_LOW, step.evidence, "Look for what uses up this App's requests.")
