"""Whether a delivery is Harbor's, and what it says. Pure.

Harbor signs nothing: the field Authorization holds the policy's secret, and a delivery has no name of its own
(https://github.com/goharbor/harbor/blob/v2.15.2/src/pkg/notifier/handler/notification/http_handler.go). What it says is
a hint; the API is to be asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.webhooks import Delivery, EventRejected, ReceivedEvent, equal_in_constant_time
from integrations_hub_harbor.repositories import NAME

__all__ = ["verify"]

_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,62}")


def verify(delivery: Delivery, secret: Secret) -> ReceivedEvent:
    """Return what a delivery says, in Harbor's own form or as a CloudEvent, once its Authorization proves it.

    Raises:
        EventRejected: another secret, or no event named.
    """
    if not secret.reveal():
        raise EventRejected("the webhook's secret is empty: anybody could prove a delivery by it")
    if not equal_in_constant_time(delivery.headers.get("authorization", ""), secret.reveal()):
        raise EventRejected("Authorization is not the webhook's secret")
    try:
        document = json.loads(delivery.body)
    except (ValueError, RecursionError):
        document = None
    kind = document.get("type") if isinstance(document, Mapping) else None
    if not isinstance(kind, str) or not _EVENT.fullmatch(kind):
        raise EventRejected("the body names no event")
    return ReceivedEvent(kind, None, _repository(document))


def _repository(document: Mapping[str, object]) -> str | None:
    # a CloudEvent has it in `data`: src/pkg/notifier/formats/cloudevents.go
    data = document.get("event_data") or document.get("data")
    repository = data.get("repository") if isinstance(data, Mapping) else None
    name = repository.get("repo_full_name") if isinstance(repository, Mapping) else None
    return name if isinstance(name, str) and NAME.fullmatch(name) else None
