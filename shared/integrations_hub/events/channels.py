"""Where events go without a client library: the log, a webhook, a Knative sink. `channels` has those of clouds."""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

from integrations_hub.events.cloudevents import cloud_event
from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import OutboxItem, Severity

__all__ = ["LogChannel", "Post", "Posted", "SinkChannel", "WebhookChannel", "posted"]

_log = logging.getLogger(__name__)
_ACCEPTED = range(200, 300)
_REDIRECTED = range(300, 400)


class LogChannel:
    """Writes each event as one log line; an alert at warning level."""

    at_once = 100

    def __init__(self, source: str) -> None:
        """Remember who the hub is."""
        self._source = source

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Write the events down."""
        for item in items:
            self._write(item)
        return {}

    def _write(self, item: OutboxItem) -> None:
        level = logging.WARNING if item.event.severity is Severity.ALERT else logging.INFO
        context = {
            "integrationId": str(item.event.integration_id),
            "tenantId": item.tenant_id,
            "action": "deliver",
            "attempt": item.attempts,
            "event": cloud_event(item, self._source).decode(),
        }
        _log.log(level, "%s: %s", item.event.severity, item.event.type, extra=context)


@dataclass(frozen=True, slots=True)
class Posted:
    """What a receiver answered; `wait_s`: how long it asked to be left alone."""

    status: int
    wait_s: float = 0.0


class Post(Protocol):
    """Sends one bounded POST, under a guard."""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        """Return the answer; no redirect is followed.

        Raises:
            DeliveryFailed: there was no answer.
        """


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts each event to one address, signed as Standard Webhooks has it (https://www.standardwebhooks.com).

    `secrets` are each the text after `whsec_`, base64, the current one first: a receiver that knows any of them
    believes the request. Without one the request carries no signature.
    """

    url: str
    secrets: Sequence[str] = field(repr=False)
    source: str
    post: Post
    now: Callable[[], datetime]
    at_once: int = 1

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Post the event.

        Raises:
            DeliveryFailed: no answer, or a status outside 2xx.
            DeliveryRefused: 410: the receiver wants no more of them.
        """
        for item in items:
            body = cloud_event(item, self.source)
            posted(self.post(self.url, self._headers(item, body), body), "webhook")
        return {}

    def _headers(self, item: OutboxItem, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": str(item.event.id),
            "webhook-timestamp": str(int(self.now().timestamp())),
            **_trace(item),
        }
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        if self.secrets:
            headers["webhook-signature"] = " ".join(f"v1,{_signature(one, signed)}" for one in self.secrets)
        return headers


@dataclass(frozen=True, slots=True)
class SinkChannel:
    """Posts each event to a Knative sink, in CloudEvents' structured mode (CloudEvents 1.0, HTTP binding §3.2).

    `extensions` are those a SinkBinding has every event carry (`K_CE_OVERRIDES`).
    """

    url: str
    extensions: Mapping[str, str]
    source: str
    post: Post
    at_once: int = 1

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Post the event.

        Raises:
            DeliveryFailed: no answer, or a status outside 2xx.
        """
        for item in items:
            body = cloud_event(item, self.source, self.extensions)
            headers = {"Content-Type": "application/cloudevents+json", **_trace(item)}
            posted(self.post(self.url, headers, body), "sink")
        return {}


def posted(answer: Posted, who: str) -> None:
    """Return when a receiver accepted what was posted.

    Raises:
        DeliveryFailed: it did not.
        DeliveryRefused: 410, Gone: it wants no more (Standard Webhooks, "Delivery failure").
    """
    if answer.status in _ACCEPTED:
        return
    said = f"the {who} answered {answer.status}"
    if answer.status == HTTPStatus.GONE:
        raise DeliveryRefused(f"{said}: it wants no more events. Remove it, or correct its address.")
    if answer.status in _REDIRECTED:
        raise DeliveryFailed(f"{said}: redirects are not followed. Name the final address.")
    raise DeliveryFailed(said, wait_s=answer.wait_s)


def _trace(item: OutboxItem) -> dict[str, str]:
    """Return the header that lets a receiver go on with the trace the event came of."""
    return {"traceparent": item.event.traceparent} if item.event.traceparent else {}


def _signature(secret: str, signed: bytes) -> str:
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, sha256)
    return base64.b64encode(digest).decode()
