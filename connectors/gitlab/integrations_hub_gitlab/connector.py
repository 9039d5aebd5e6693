"""The check of a GitLab: is it GitLab, does it know the token, may the token read the API, what quota is left."""

from __future__ import annotations

from datetime import UTC, datetime

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Category, Connector, Endpoint, Probe, StepNote
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_gitlab import api, errors
from integrations_hub_gitlab.config import GitLabConfig

__all__ = ["GitLabConnector"]


class GitLabConnector(Connector[GitLabConfig]):
    """GitLab by personal, project or group access token; the secret has the field `token`."""

    type, category, version = "gitlab", Category.SCM, "0.1.0"
    config_model = GitLabConfig

    def endpoint(self, config: GitLabConfig) -> Endpoint:
        """Return the root of GitLab's API."""
        return Endpoint(config.endpoint, config.ca_bundle)

    async def check_health(self, probe: Probe[GitLabConfig]) -> None:
        """Check the product, the token, its scopes, and how many requests are left."""
        async with probe.step(StepName.PRODUCT) as step:
            answer = await _get(probe, "version")
            version = api.decode_version(answer)
            step.evidence = f"GitLab {version}" if version else "GitLab, which does not tell this token its version"
        async with probe.step(StepName.AUTHENTICATE) as step:
            if errors.asks_for_token(answer):
                errors.judge(answer)
            answer = await _get(probe, "personal_access_tokens/self")
            token = api.decode_token(answer)
            if token is None:
                answer = await _get(probe, "user")
                api.decode_user(answer)
            _judge_token(step, token)
            probe.credential_ends_at = token.ends_at if token else None
        async with probe.step(StepName.AUTHORIZE) as step:
            if token is None:
                answer = await _get(probe, "projects", membership="true", simple="true", per_page="1")
                api.decode_projects(answer)
            _judge_scopes(step, token)
        async with probe.step(StepName.QUOTA) as step:
            _judge_quota(step, api.decode_quota(answer))


async def _get(probe: Probe[GitLabConfig], path: str, **params: str) -> Answer:
    (token,) = probe.credential.require("token")
    return await probe.http.get(path, params=params, headers={"PRIVATE-TOKEN": token})


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
