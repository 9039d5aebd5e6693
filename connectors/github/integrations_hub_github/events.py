"""Whether a delivery is GitHub's, and what it says. Pure.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest, new

from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.webhooks import Delivery, EventRejected, ReceivedEvent
from integrations_hub_github.repositories import FULL_NAME

__all__ = ["EVENT", "verify"]

EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")


def verify(delivery: Delivery, secret: Secret, installation_id: int) -> ReceivedEvent:
    """Return what a delivery says, once HMAC-SHA256 over its very bytes proves it.

    The signature covers the body alone: event and delivery are named in header fields, which whoever saw a delivery
    may change. The body is what tells a replay for sure. An App's own webhook delivers the events of all its
    installations: those of another one are foreign.

    Raises:
        EventRejected: no signature, another's, or no event named.
    """
    _judge(delivery, secret.reveal().encode("utf-8", "surrogatepass"))
    kind, name = delivery.headers.get("x-github-event", ""), delivery.headers.get("x-github-delivery", "")
    if not EVENT.fullmatch(kind):
        raise EventRejected("X-GitHub-Event names no event")
    document = _document(delivery.body)
    installation = _member(document, "installation").get("id", installation_id)
    return ReceivedEvent(
        kind,
        name if _DELIVERY.fullmatch(name) else None,
        _full_name(_member(document, "repository")),
        foreign=installation != installation_id,
    )


def _judge(delivery: Delivery, secret: bytes) -> None:
    if not secret:
        raise EventRejected("the webhook's secret is empty: anybody could sign with it")
    given = delivery.headers.get("x-hub-signature-256")
    if given is None:
        # X-Hub-Signature is SHA-1, sent beside it for those who cannot do better
        raise EventRejected("there is no X-Hub-Signature-256: give the webhook its secret at GitHub")
    expected = f"sha256={new(secret, delivery.body, sha256).hexdigest()}"
    if not compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise EventRejected("X-Hub-Signature-256 is not by the webhook's secret")


def _document(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, Mapping) else {}


def _member(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    member = document.get(name)
    return member if isinstance(member, Mapping) else {}


def _full_name(repository: Mapping[str, object]) -> str | None:
    name = repository.get("full_name")
    return name if isinstance(name, str) and FULL_NAME.fullmatch(name) else None
