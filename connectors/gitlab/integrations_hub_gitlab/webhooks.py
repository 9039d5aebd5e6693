"""Have GitLab deliver the events of one project.

GitLab never shows a webhook's secrets, so each call sends the one ordered: what is set up is as ordered afterwards, a
changed secret included. `unchanged` says that nothing else, nothing that can be seen, was changed.

A secret in the form `whsec_…` becomes the signing token where the server has that (GitLab 19.0), so that deliveries are
signed and the secret stays at home; elsewhere, and in any other form, it is the token each delivery carries.
"""

from __future__ import annotations

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.links import has_next
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import Webhook, WebhookOrder, WebhookOutcome
from integrations_hub_gitlab import hooks, projects
from integrations_hub_gitlab.documents import items, mapping
from integrations_hub_gitlab.errors import foreign
from integrations_hub_gitlab.session import Session
from integrations_hub_gitlab.signing import signing_key

__all__ = ["set_up"]

_MOST_PAGES = 10


async def set_up(session: Session, order: WebhookOrder) -> Webhook:
    """Set up a webhook as ordered, or change the one that delivers there already.

    Raises:
        CheckFailed: `invalid_config`, `permission_missing`, and as a check would.
    """
    if not order.secret.reveal():
        raise CheckFailed(Reason.INVALID_CONFIG, "the webhook's secret is empty", "Store a long random value.")
    if order.resource is None:
        remedy = "Give the project's ID or its full path as the resource."
        raise CheckFailed(Reason.INVALID_CONFIG, "at GitLab a webhook is of one project", remedy)
    events = hooks.events_of(order)
    # asked for by ID from here on: a project that was moved is found, and proxies that unpack %2F do no harm
    project = projects.decode_project(await session.get(projects.path_of(order.resource)))
    place = f"projects/{project.id}/hooks"
    there = await _find(session, place, order.url)
    made, signed = await _write(session, place, there, order, events)
    outcome = WebhookOutcome.CREATED
    if there:
        outcome = WebhookOutcome.UPDATED if there.differs(events, signed=signed) else WebhookOutcome.UNCHANGED
    return Webhook(outcome, str(made.id), project.name, made.events)


async def _find(session: Session, place: str, url: str) -> hooks.Hook | None:
    for number in range(1, _MOST_PAGES + 1):
        answer = await session.get(place, {"per_page": "100", "page": str(number)})
        hooks.judge_hooks(answer)
        found = next((hook for hook in map(hooks.decode_hook, items(answer, "webhooks")) if hook.url == url), None)
        if found or not has_next(answer, session.root):
            return found
    raise foreign("its list of webhooks does not end")


async def _write(
    session: Session, place: str, there: hooks.Hook | None, order: WebhookOrder, events: tuple[str, ...]
) -> tuple[hooks.Hook, bool]:
    """Return the webhook as it stands then, and whether its deliveries are signed."""
    made = there
    if signing_key(order.secret) and (there is None or there.signs is not None):
        made = await _put(session, place, there, hooks.body(order, events, signed=True))
        if made.signs:
            return made, True
    if made and made.signs:
        # there is no way to take a signing token away: another webhook takes its place
        replaced = made
        made = await _put(session, place, None, hooks.body(order, events, signed=False))
        hooks.judge_hooks(await session.send("DELETE", f"{place}/{replaced.id}"))
        return made, False
    return await _put(session, place, made, hooks.body(order, events, signed=False)), False


async def _put(session: Session, place: str, there: hooks.Hook | None, document: dict[str, object]) -> hooks.Hook:
    method, path = ("PUT", f"{place}/{there.id}") if there else ("POST", place)
    answer = await session.send(method, path, document)
    hooks.judge_hooks(answer)
    return hooks.decode_hook(mapping(answer, "webhook"))
