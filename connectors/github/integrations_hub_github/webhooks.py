"""Have GitHub deliver its events: of all installations of the App, of one organisation, or of one repository.

GitHub never shows a webhook's secret, so each call sends it: what is set up is as ordered afterwards, a changed secret
included. `unchanged` says that nothing else, nothing that can be seen, was changed.
"""

from __future__ import annotations

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.links import has_next
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import Webhook, WebhookOrder, WebhookOutcome
from integrations_hub_github import api, hooks
from integrations_hub_github.documents import items, mapping
from integrations_hub_github.errors import foreign, judge
from integrations_hub_github.session import Session

__all__ = ["set_up"]

_MOST_PAGES = 10  # GitHub allows twenty webhooks for each event
_RACED = {("POST", 422), ("PATCH", 404)}  # another made it, or removed it, since it was looked for


async def set_up(session: Session, order: WebhookOrder) -> Webhook:
    """Set up a webhook as ordered, or change the one that delivers there already.

    Raises:
        CheckFailed: `invalid_config`, `permission_missing`, and as a check would.
    """
    if not order.secret.reveal():
        raise CheckFailed(Reason.INVALID_CONFIG, "the webhook's secret is empty", "Store a long random value.")
    events = hooks.events_of(order)
    if order.resource is None:
        return await _set_up_of_app(session, order)
    place = hooks.Place.of(order.resource)
    there, answer = await _write(session, place, order, events)
    if ("PATCH" if there else "POST", answer.status) in _RACED:
        there, answer = await _write(session, place, order, events)
    judge(answer, place.verdicts(answer))
    made = hooks.decode_hook(mapping(answer, "webhook"))
    outcome = WebhookOutcome.CREATED
    if there:
        outcome = WebhookOutcome.UPDATED if there.differs(order, events) else WebhookOutcome.UNCHANGED
    return Webhook(outcome, str(made.id), place.resource, made.events)


async def _set_up_of_app(session: Session, order: WebhookOrder) -> Webhook:
    app = api.decode_app(await session.as_app("GET", "app"))
    session.confirm(app)
    missing = ", ".join(sorted(set(order.events) - set(app.events)))
    if missing:
        remedy = "Subscribe to them on the App's settings page, where its events are kept; or name one repository."
        raise CheckFailed(Reason.INVALID_CONFIG, f"the App does not subscribe to {missing}", remedy)
    answer = await session.as_app("GET", "app/hook/config")
    judge(answer, {404: _NO_WEBHOOK})
    config = mapping(answer, "webhook")
    judge(await session.as_app("PATCH", "app/hook/config", hooks.config_body(order)), {404: _NO_WEBHOOK})
    outcome = WebhookOutcome.UPDATED if hooks.differs(config, order) else WebhookOutcome.UNCHANGED
    return Webhook(outcome if config.get("url") else WebhookOutcome.CREATED, None, None, app.events)


async def _write(
    session: Session, place: hooks.Place, order: WebhookOrder, events: tuple[str, ...]
) -> tuple[hooks.Hook | None, Answer]:
    there = await _find(session, place, order.url)
    method, path = ("PATCH", f"{place.path}/{there.id}") if there else ("POST", place.path)
    content = hooks.hook_body(order, events, new=there is None)
    return there, await session.as_installation(method, path, place.grant, content=content)


async def _find(session: Session, place: hooks.Place, url: str) -> hooks.Hook | None:
    for number in range(1, _MOST_PAGES + 1):
        params = {"per_page": api.PER_PAGE, "page": str(number)}
        answer = await session.as_installation("GET", place.path, place.grant, params=params)
        judge(answer, place.verdicts(answer))
        listed = map(hooks.decode_hook, items(answer.json(), "webhooks"))
        found = next((hook for hook in listed if hook.config.get("url") == url), None)
        if found or not has_next(answer, session.root):
            return found
    raise foreign("its list of webhooks does not end")


_NO_WEBHOOK = (
    Reason.INVALID_CONFIG,
    "the App has no webhook of its own",
    "Switch it on by Active on the App's settings page; or name one repository.",
)
