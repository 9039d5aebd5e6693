"""Webhook policies of a project as Harbor keeps them: in which form, and what is not as ordered. Pure.

Harbor shows a policy's secret to whoever may list it: such an answer is compared, and kept nowhere.
https://github.com/goharbor/harbor/blob/v2.15.2/src/server/v2.0/handler/webhook.go
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.webhooks import WebhookOrder, equal_in_constant_time
from integrations_hub_harbor.documents import foreign

__all__ = ["Policy", "auth_header", "changed", "created_id", "decode_policy", "events_of", "fresh", "judge_policies"]

_DEFAULT_EVENTS = ("DELETE_ARTIFACT", "PUSH_ARTIFACT", "SCANNING_COMPLETED")
_EVENT = re.compile(r"[A-Z][A-Z_]{0,62}")
_LOCATION = re.compile(r"/webhook/policies/([0-9]{1,18})\Z")
Target = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy. Its targets hold secrets."""

    id: int
    name: str
    description: str
    enabled: bool
    events: tuple[str, ...]
    targets: tuple[Target, ...] = field(repr=False)

    def delivers_to(self, url: str) -> bool:
        """Tell whether one of its targets is an address."""
        return any(target.get("address") == url for target in self.targets)

    def differs(self, order: WebhookOrder, events: tuple[str, ...]) -> bool:
        """Tell whether anything is not as ordered."""
        (target, *_) = (target for target in self.targets if target.get("address") == order.url)
        # Harbor leaves out what is false
        form = [target.get("type"), target.get("skip_cert_verify", False)]
        proven = equal_in_constant_time(str(target.get("auth_header")), order.secret.reveal())
        return not self.enabled or set(self.events) != set(events) or form != ["http", False] or not proven


def decode_policy(document: Mapping[str, object]) -> Policy:
    """Return a policy of its document.

    Raises:
        CheckFailed: `wrong_product` when it is none of Harbor's.
    """
    number, name, events, targets = (document.get(field) for field in ("id", "name", "event_types", "targets"))
    if type(number) is not int or not isinstance(name, str) or not isinstance(events, list):
        raise foreign("webhook policies")
    if not isinstance(targets, list) or not all(isinstance(target, Mapping) for target in targets):
        raise foreign("webhook policies")
    enabled, names = document.get("enabled") is True, tuple(sorted(map(str, events)))
    return Policy(number, name, str(document.get("description") or ""), enabled, names, tuple(targets))


def auth_header(secret: Secret) -> str:
    """Return the secret as Harbor sends it: the whole field, as it is.

    Raises:
        CheckFailed: `invalid_config` for one that a header field cannot carry.
    """
    text = secret.reveal()
    if not text or not text.isascii() or not text.isprintable() or text != text.strip():
        evidence = "the webhook's secret is empty, or not what a header field can carry"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Store a long random value of letters and digits.")
    return text


def events_of(order: WebhookOrder) -> tuple[str, ...]:
    """Return the events that are ordered, in order; without any, what is pushed, deleted and scanned.

    Raises:
        CheckFailed: `invalid_config` for what cannot be an event's name.
    """
    if not all(map(_EVENT.fullmatch, order.events)):
        remedy = "Use the names of Harbor's webhook policies, such as PUSH_ARTIFACT."
        raise CheckFailed(Reason.INVALID_CONFIG, "an event's name is none of Harbor's", remedy)
    return tuple(sorted(set(order.events or _DEFAULT_EVENTS)))


def fresh(order: WebhookOrder, events: tuple[str, ...]) -> dict[str, object]:
    """Return the document that makes a policy; its name is another for each address."""
    name = f"integrations-hub-{sha256(order.url.encode()).hexdigest()[:12]}"
    return {"name": name, "enabled": True, "event_types": events, "targets": [_target(order, "Default")]}


def changed(policy: Policy, order: WebhookOrder, events: tuple[str, ...]) -> dict[str, object]:
    """Return the document that changes a policy: other targets, its name and the form of its payload stay."""
    targets = [
        _target(order, target.get("payload_format") or "Default") if target.get("address") == order.url else target
        for target in policy.targets
    ]
    kept = {"id": policy.id, "name": policy.name, "description": policy.description}
    return {**kept, "enabled": True, "event_types": events, "targets": targets}


def created_id(answer: Answer) -> str | None:
    """Return the number of a policy that was made, of its `Location`."""
    match = _LOCATION.search(answer.headers.get("location", ""))
    return match[1] if match else None


def judge_policies(answer: Answer, project: str) -> None:
    """Return when the status is 2xx; else raise what it means where policies are managed.

    Raises:
        CheckFailed: `permission_missing` (403), `invalid_config` for a policy Harbor refuses (400) or a project that is
            not there (404), and as `judge_status` has it.
    """
    needed = "Give the robot account the permissions list, create and update of webhook policies in the project."
    verdicts = {
        400: (Reason.INVALID_CONFIG, f"Harbor refuses the webhook: {answer.excerpt}", "Change what it names."),
        403: (Reason.PERMISSION_MISSING, f"the robot may not manage the webhook policies of {project}", needed),
        404: (Reason.INVALID_CONFIG, f"Harbor has no project {project}", "Correct the project's name."),
        409: (Reason.INVALID_CONFIG, f"another webhook policy of {project} has its name", "Rename that policy."),
    }
    if answer.status in verdicts:
        reason, evidence, remedy = verdicts[answer.status]
        raise CheckFailed(reason, evidence, remedy, step=StepName.AUTHORIZE)
    judge_status(answer)


def _target(order: WebhookOrder, payload_format: object) -> Target:
    return {
        "type": "http",
        "address": order.url,
        "auth_header": order.secret.reveal(),
        "skip_cert_verify": False,
        "payload_format": payload_format,
    }
