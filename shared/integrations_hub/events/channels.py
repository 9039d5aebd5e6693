"""Where events go: the log, always, and a webhook where the deployment names one."""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from integrations_hub.events.cloudevents import cloud_event
from integrations_hub.events.model import OutboxItem, Severity

__all__ = ["DeliveryFailed", "LogChannel", "Post", "WebhookChannel"]

_log = logging.getLogger(__name__)
_ACCEPTED = range(200, 300)


class DeliveryFailed(Exception):
    """An event did not arrive; the message says why and holds no secret."""


class LogChannel:
    """Writes each event as one log line; an alert at warning level."""

    def __init__(self, source: str) -> None:
        """Remember who the hub is."""
        self._source = source

    def send(self, item: OutboxItem) -> None:
        """Write the event down."""
        level = logging.WARNING if item.event.severity is Severity.ALERT else logging.INFO
        context = {
            "integrationId": str(item.event.integration_id),
            "tenantId": item.tenant_id,
            "action": "deliver",
            "attempt": item.attempts,
            "event": cloud_event(item, self._source).decode(),
        }
        _log.log(level, "%s: %s", item.event.severity, item.event.type, extra=context)


class Post(Protocol):
    """Sends one bounded, egress-guarded POST."""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """Return the status.

        Raises:
            DeliveryFailed: there was no answer.
        """


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts each event to one address, signed as Standard Webhooks has it (https://www.standardwebhooks.com).

    `secret` is the text after `whsec_`, base64; without one the request carries no signature.
    """

    url: str
    secret: str | None
    source: str
    post: Post
    now: Callable[[], datetime]

    def send(self, item: OutboxItem) -> None:
        """Post the event.

        Raises:
            DeliveryFailed: no answer, or a status outside 2xx.
        """
        body = cloud_event(item, self.source)
        status = self.post(self.url, self._headers(item, body), body)
        if status not in _ACCEPTED:
            raise DeliveryFailed(f"the webhook answered {status}")

    def _headers(self, item: OutboxItem, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": str(item.event.id),
            "webhook-timestamp": str(int(self.now().timestamp())),
        }
        if self.secret is not None:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            digest = hmac.digest(base64.b64decode(self.secret.removeprefix("whsec_")), signed, sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers
