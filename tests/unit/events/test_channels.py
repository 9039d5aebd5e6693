"""Events on the wire: CloudEvents 1.0, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from integrations_hub.events.channels import Posted, WebhookChannel
from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import Event, EventType, OutboxItem, Severity

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ITEM = OutboxItem(
    event=Event(EventType.HEALTH_CHANGED, UUID(int=1), {"to": "unhealthy"}, Severity.ALERT, UUID(int=2)),
    tenant_id="acme",
    sequence=7,
    created_at=NOW,
    attempts=0,
    lease=UUID(int=3),
)
KEY = b"an obviously fake signing key 01"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Recorder:
    """A receiver that answers one status and remembers what came."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        self.requests.append((url, headers, body))
        return Posted(self.status)


def send(recorder: Recorder, secret: str | None = SECRET) -> tuple[str, dict[str, str], bytes]:
    secrets = [secret] if secret else []
    WebhookChannel("https://receiver.example/hook", secrets, "https://hub.example", recorder, lambda: NOW).send([ITEM])
    return recorder.requests[0]


def test_the_body_is_a_cloud_event():
    _, headers, body = send(Recorder())
    event = json.loads(body)
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert event == {
        "specversion": "1.0",
        "id": str(UUID(int=2)),
        "source": "https://hub.example",
        "type": "integration.health_changed",
        "subject": str(UUID(int=1)),
        "time": "2030-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "tenantid": "acme",
        "severity": "alert",
        "sequence": "7",
        "data": {"to": "unhealthy"},
    }


def test_a_receiver_can_verify_the_signature():
    _, headers, body = send(Recorder())
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(KEY, signed, sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_a_repeat_is_recognisable():
    first, second = Recorder(), Recorder()
    assert send(first)[1]["webhook-id"] == send(second)[1]["webhook-id"]
    assert first.requests[0][2] == second.requests[0][2]


@pytest.mark.parametrize("status", [199, 301, 400, 404, 410, 429, 500, 503])
def test_anything_outside_2xx_is_a_failed_delivery(status):
    with pytest.raises(DeliveryFailed, match=str(status)):
        send(Recorder(status))


def test_a_receiver_that_is_gone_is_not_asked_again():
    with pytest.raises(DeliveryRefused, match="no more"):
        send(Recorder(410))


def test_without_a_secret_there_is_no_signature():
    assert "webhook-signature" not in send(Recorder(), None)[1]
