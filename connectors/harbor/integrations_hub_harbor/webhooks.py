"""Have Harbor deliver the events of one project: a webhook policy, whose secret each delivery carries as it is."""

from __future__ import annotations

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import Webhook, WebhookOrder, WebhookOutcome
from integrations_hub_harbor import policies, projects
from integrations_hub_harbor.documents import foreign, items, pages
from integrations_hub_harbor.session import Session

__all__ = ["set_up"]

_RACED = {("POST", 409), ("PUT", 404)}  # another made it, or removed it, since it was looked for
_MOST_PAGES = 10


async def set_up(session: Session, order: WebhookOrder, default: str | None) -> Webhook:
    """Set up a webhook as ordered, or change the one that delivers there already; of the default project without one.

    Raises:
        CheckFailed: `invalid_config`, `permission_missing`, and as a check would.
    """
    resource = order.resource or default
    if resource is None:
        remedy = "Give the project's name as the resource, or name a project in the config."
        raise CheckFailed(Reason.INVALID_CONFIG, "at Harbor a webhook is of one project", remedy)
    project, events = projects.named(resource), policies.events_of(order)
    policies.auth_header(order.secret)
    there, answer = await _write(session, project, order, events)
    if answer and ("PUT" if there else "POST", answer.status) in _RACED:
        there, answer = await _write(session, project, order, events)
    if answer is None:
        assert there
        return Webhook(WebhookOutcome.UNCHANGED, str(there.id), project, events)
    policies.judge_policies(answer, project)
    if there:
        return Webhook(WebhookOutcome.UPDATED, str(there.id), project, events)
    return Webhook(WebhookOutcome.CREATED, policies.created_id(answer), project, events)


async def _write(
    session: Session, project: str, order: WebhookOrder, events: tuple[str, ...]
) -> tuple[policies.Policy | None, Answer | None]:
    """Return the policy that was there, and what was answered to the change; no answer where nothing differs."""
    there, place = await _find(session, project, order.url), f"projects/{project}/webhook/policies"
    if there is None:
        return None, await session.send("POST", place, policies.fresh(order, events))
    if not there.differs(order, events):
        return there, None
    return there, await session.send("PUT", f"{place}/{there.id}", policies.changed(there, order, events))


async def _find(session: Session, project: str, url: str) -> policies.Policy | None:
    for number in range(1, _MOST_PAGES + 1):
        answer = await session.page(f"projects/{project}/webhook/policies", number)
        policies.judge_policies(answer, project)
        listed = map(policies.decode_policy, items(answer, "webhook policies"))
        found = next((policy for policy in listed if policy.delivers_to(url)), None)
        if found or number >= pages(answer):
            return found
    raise foreign("list of webhook policies")
