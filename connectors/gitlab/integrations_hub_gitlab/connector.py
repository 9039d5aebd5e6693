"""A GitLab and one access token: whether it works, which projects it sees, and what GitLab tells of them unasked."""

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
from integrations_hub_gitlab import api, errors, events, projects
from integrations_hub_gitlab.config import GitLabConfig
from integrations_hub_gitlab.session import Session
from integrations_hub_gitlab.webhooks import set_up

__all__ = ["GitLabConnector"]


class GitLabConnector(Connector[GitLabConfig]):
    """GitLab by personal, project or group access token; the secret has the field `token`."""

    type, category, version = "gitlab", Category.SCM, "0.1.0"
    resource_kinds, webhooks = ("projects",), True
    config_model = GitLabConfig

    def endpoint(self, config: GitLabConfig) -> Endpoint:
        """Return the root of GitLab's API."""
        return config.to_endpoint()

    async def check_health(self, probe: Probe[GitLabConfig]) -> None:
        """Check the product, the token, its scopes, and how many requests are left."""
        async with probe.step(StepName.PRODUCT) as step:
            session = Session(probe)
            answer = await session.get("version")
            version = api.decode_version(answer)
            step.evidence = f"GitLab {version}" if version else "GitLab, which does not tell this token its version"
        async with probe.step(StepName.AUTHENTICATE) as step:
            if errors.asks_for_token(answer):
                errors.judge(answer)
            answer = await session.get("personal_access_tokens/self")
            token = api.decode_token(answer)
            if token is None:
                answer = await session.get("user")
                api.decode_user(answer)
            _judge_token(step, token)
            probe.credential_ends_at = token.ends_at if token else None
        async with probe.step(StepName.AUTHORIZE) as step:
            if token is None:
                answer = await session.get("projects", {**projects.page_params(None), "per_page": "1"})
                projects.decode_page(answer, None, session.root)
            _judge_scopes(step, token)
        async with probe.step(StepName.QUOTA) as step:
            _judge_quota(step, api.decode_quota(answer))

    async def discover(self, access: Access[GitLabConfig], kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of the projects the token's user is a member of; there is no other kind."""
        if kind not in self.resource_kinds:
            raise CheckFailed(Reason.INVALID_CONFIG, "GitLab's connector lists no such kind", "Ask for projects.")
        session = Session(access)
        answer = await session.get("projects", projects.page_params(cursor))
        return projects.decode_page(answer, cursor, session.root)

    async def setup_webhook(self, access: Access[GitLabConfig], order: WebhookOrder) -> Webhook:
        """Set up the webhook of one project, named by its ID or full path."""
        return await set_up(Session(access, order.secret), order)

    def verify_event(self, config: GitLabConfig, delivery: Delivery, secret: Secret) -> ReceivedEvent:  # noqa: ARG002
        """Return what a delivery says once its signature, or where there is none its token, proves it."""
        return events.verify(delivery, secret)


def _judge_token(step: StepNote, token: api.Token | None) -> None:
    step.evidence = "GitLab knows the token"
    if token is None:
        step.evidence += ", and does not tell when this kind of token ends"
        return
    now = datetime.now(UTC)
    if token.revoked or token.expired(now) or not token.active:
        state = "has been revoked" if token.revoked else "has expired" if token.expired(now) else "is not active"
        raise errors.rejected(f"the token {state}")
    if token.ends_at:
        step.evidence += f", which expires on {token.ends_at:%Y-%m-%d}"
    if token.expiring(now):
        remedy = "Make a new access token, store it in place of this one, and then revoke this one."
        step.degrade(Reason.CREDENTIAL_EXPIRING, step.evidence, remedy)


def _judge_scopes(step: StepNote, token: api.Token | None) -> None:
    step.evidence = "the token may read the API"
    if token and not token.sufficient:
        missing = errors.permission_missing()
        step.degrade(missing.reason, missing.evidence, missing.remedy)


def _judge_quota(step: StepNote, quota: api.Quota | None) -> None:
    if quota is None:
        step.evidence = "GitLab tells of no rate limit"
        return
    step.evidence = f"{quota.remaining} of {quota.limit} requests are left in this period"
    if quota.low:
        step.degrade(Reason.QUOTA_LOW, step.evidence, "Look for what else uses up the requests of this token's user.")
