"""Webhooks of a project as GitLab keeps them: which events, in which form, and what is not as ordered. Pure.

https://docs.gitlab.com/api/project_webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.webhooks import WebhookOrder
from integrations_hub_gitlab.documents import foreign_document
from integrations_hub_gitlab.errors import judge, lacks_scope, message_of

__all__ = ["Hook", "body", "decode_hook", "events_of", "judge_hooks"]

_EVENTS = (
    "confidential_issues_events",
    "confidential_note_events",
    "deployment_events",
    "emoji_events",
    "feature_flag_events",
    "issues_events",
    "job_events",
    "merge_requests_events",
    "milestone_events",
    "note_events",
    "pipeline_events",
    "push_events",
    "releases_events",
    "resource_access_token_events",
    "resource_deploy_token_events",
    "tag_push_events",
    "vulnerability_events",
    "wiki_page_events",
)
_DEFAULT_EVENTS = ("merge_requests_events", "push_events", "releases_events", "tag_push_events")


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook as GitLab shows it, which is without its secrets.

    `token` and `signs` say whether it has a secret token and a signing token; None where GitLab does not say: it says
    so since 19.0.
    """

    id: int
    url: str
    events: tuple[str, ...]
    verifies_tls: bool
    token: bool | None
    signs: bool | None

    def differs(self, events: tuple[str, ...], *, signed: bool) -> bool:
        """Tell whether anything that can be seen is not as ordered."""
        proven = (self.signs and not self.token) if signed else (self.token is not False and not self.signs)
        return self.events != events or not self.verifies_tls or not proven


def events_of(order: WebhookOrder) -> tuple[str, ...]:
    """Return the switches of the events ordered (`push` or `push_events`), in order; a few for none.

    Raises:
        CheckFailed: `invalid_config` for an event that projects do not have.
    """
    wanted = {name if name.endswith("_events") else f"{name}_events" for name in order.events or _DEFAULT_EVENTS}
    if not wanted.issubset(_EVENTS):
        names = ", ".join(name.removesuffix("_events") for name in _EVENTS)
        evidence = "an event is none that a project of GitLab's has"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, f"There are {names}.")
    return tuple(sorted(wanted))


def body(order: WebhookOrder, events: tuple[str, ...], *, signed: bool) -> dict[str, object]:
    """Return the document that makes or changes a webhook; a signed one is to send no token beside its signature."""
    secret = order.secret.reveal()
    proof = {"signing_token": secret, "token": ""} if signed else {"token": secret}
    switches = {name: name in events for name in _EVENTS}
    return {"url": order.url, "enable_ssl_verification": True, **switches, **proof}


def decode_hook(document: Mapping[str, object]) -> Hook:
    """Return a webhook of its document.

    Raises:
        CheckFailed: `wrong_product` when it is none of GitLab's.
    """
    number, url = document.get("id"), document.get("url")
    if type(number) is not int or not isinstance(url, str):
        raise foreign_document("webhook")
    events = tuple(name for name in _EVENTS if document.get(name) is True)
    verifies = document.get("enable_ssl_verification") is True
    return Hook(
        number, url, events, verifies, _told(document, "token_present"), _told(document, "signing_token_present")
    )


def judge_hooks(answer: Answer) -> None:
    """Return when the status is 2xx; else raise what it means where webhooks are managed.

    Raises:
        CheckFailed: `permission_missing` (403), `invalid_config` for a webhook GitLab refuses (400, 422) or one that
            is gone (404), and as `judge` has it.
    """
    verdict = _VERDICTS.get(answer.status)
    if verdict and message_of(answer) is not None:
        reason, evidence, remedy = verdict
        why = "" if lacks_scope(answer) else f": {answer.excerpt}"
        raise CheckFailed(reason, evidence + why, remedy, step=StepName.AUTHORIZE)
    judge(answer)


_REFUSED = (
    Reason.INVALID_CONFIG,
    "GitLab refuses the webhook",
    "Change what it names; for an address in a private network, an administrator of GitLab allows it.",
)
_VERDICTS = {
    400: _REFUSED,
    403: (
        Reason.PERMISSION_MISSING,
        "the token may not manage the project's webhooks",
        "Its scope must be api, and its user at least a Maintainer of the project.",
    ),
    404: (Reason.INVALID_CONFIG, "the webhook was removed meanwhile, or never shown to this token", "Ask again."),
    422: _REFUSED,
}


def _told(document: Mapping[str, object], name: str) -> bool | None:
    value = document.get(name)
    return value if isinstance(value, bool) else None
