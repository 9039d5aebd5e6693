"""Webhooks as GitHub keeps them: where, in which form, and what is not as ordered. Pure.

https://docs.github.com/en/rest/repos/webhooks, https://docs.github.com/en/rest/orgs/webhooks and
https://docs.github.com/en/rest/apps/webhooks
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.webhooks import WebhookOrder
from integrations_hub_github.documents import strings
from integrations_hub_github.errors import Verdicts, foreign
from integrations_hub_github.events import EVENT
from integrations_hub_github.grants import Grant
from integrations_hub_github.repositories import FULL_NAME

__all__ = ["Hook", "Place", "config_body", "decode_hook", "differs", "events_of", "hook_body"]

_DEFAULT_EVENTS = ("pull_request", "push", "release")
_ORGANISATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MOVED = (
    Reason.INVALID_CONFIG,
    "the repository has another name by now",
    "Ask again with its present name, as its page shows it.",
)


class Place(NamedTuple):
    """Where webhooks are: of one repository, or of one organisation; and the rights that managing them takes."""

    resource: str
    path: str
    grant: Grant

    @classmethod
    def of(cls, resource: str) -> Place:
        """Return the place of `owner/repository` or of an organisation.

        Raises:
            CheckFailed: `invalid_config` for what is neither.
        """
        repository = FULL_NAME.fullmatch(resource)
        if repository:
            return cls(resource, f"repos/{resource}/hooks", Grant((("repository_hooks", "write"),), (repository[2],)))
        if _ORGANISATION.fullmatch(resource):
            return cls(resource, f"orgs/{resource}/hooks", Grant((("organization_hooks", "write"),)))
        evidence = "the resource names no repository and no organisation"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Give owner/repository, an organisation's name, or none.")

    def verdicts(self, answer: Answer) -> Verdicts:
        """Return what a refusal means here."""
        needed = f"Check the name, and that the App has the permission {self.grant.words} and the owner accepted it."
        return {
            **dict.fromkeys((301, 307, 308), _MOVED),
            403: (Reason.PERMISSION_MISSING, f"the App may not manage webhooks of {self.resource}", needed),
            404: (Reason.INVALID_CONFIG, f"GitHub shows the App no webhooks of {self.resource}", needed),
            422: (Reason.INVALID_CONFIG, f"GitHub refuses the webhook: {answer.excerpt}", "Change what it names."),
        }


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook as GitHub shows it; of its secret it shows only that there is one."""

    id: int
    active: bool
    events: tuple[str, ...]
    config: Mapping[str, object]

    def differs(self, order: WebhookOrder, events: tuple[str, ...]) -> bool:
        """Tell whether anything that can be seen is not as ordered."""
        return not self.active or set(self.events) != set(events) or differs(self.config, order)


def differs(config: Mapping[str, object], order: WebhookOrder) -> bool:
    """Tell whether a webhook's address or form is not as ordered, or it has no secret."""
    seen = [config.get("url"), config.get("content_type"), str(config.get("insecure_ssl", "0"))]
    return seen != [order.url, "json", "0"] or not config.get("secret")


def decode_hook(document: Mapping[str, object]) -> Hook:
    """Return a webhook of its document.

    Raises:
        CheckFailed: `wrong_product` when it is none of GitHub's.
    """
    number, config = document.get("id"), document.get("config")
    if type(number) is not int or not isinstance(config, Mapping):
        raise foreign("its webhook document is not GitHub's")
    return Hook(number, document.get("active") is True, tuple(sorted(strings(document.get("events")))), config)


def events_of(order: WebhookOrder) -> tuple[str, ...]:
    """Return the events that are ordered, in order; without any, pushes, pull requests and releases.

    Raises:
        CheckFailed: `invalid_config` for what cannot be an event's name.
    """
    if not all(event == "*" or EVENT.fullmatch(event) for event in order.events):
        remedy = "Use the names of docs.github.com/webhooks/webhook-events-and-payloads, such as push."
        raise CheckFailed(Reason.INVALID_CONFIG, "an event's name is none of GitHub's", remedy)
    return tuple(sorted(set(order.events or _DEFAULT_EVENTS)))


def hook_body(order: WebhookOrder, events: tuple[str, ...], *, new: bool) -> bytes:
    """Return the body that makes or changes a webhook of a repository or organisation."""
    kind = {"name": "web"} if new else {}
    return json.dumps({**kind, "active": True, "events": events, "config": _config(order)}).encode()


def config_body(order: WebhookOrder) -> bytes:
    """Return the body that changes the App's own webhook."""
    return json.dumps(_config(order)).encode()


def _config(order: WebhookOrder) -> dict[str, str]:
    # left out, the secret would be taken away: https://docs.github.com/en/rest/repos/webhooks#update-a-repository-webhook
    return {"url": order.url, "content_type": "json", "secret": order.secret.reveal(), "insecure_ssl": "0"}
