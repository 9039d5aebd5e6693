"""Deliveries of Harbor, in its own form and as CloudEvents: genuine, forged, and not Harbor's at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected, ReceivedEvent
from integrations_hub.connector.redaction import Secret
from integrations_hub_harbor import HarborConnector

HARBOR = HarborConnector()
CONFIG = HARBOR.validate_config({"endpoint": "https://harbor.example"})
SECRET = "not-a-real-webhook-secret-1"
REPOSITORY = {
    "name": "busybox",
    "namespace": "library",
    "repo_full_name": "library/tools/busybox",
    "repo_type": "public",
}
OWN = {"type": "PUSH_ARTIFACT", "occur_at": 1678082303, "operator": "admin", "event_data": {"repository": REPOSITORY}}
CLOUD = {
    "specversion": "1.0",
    "id": "4b2f89a6-548d-4c12-9993-a1f5790b97d2",
    "source": "/projects/1/webhook/policies/3",
    "type": "harbor.artifact.pushed",
    "datacontenttype": "application/json",
    "data": {"repository": REPOSITORY},
}


def verify(body, given=SECRET, secret=SECRET):
    fields = {} if given is None else {"authorization": given}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = Delivery(Headers(fields.items()), content, datetime.now(UTC))
    return HARBOR.verify_event(CONFIG, delivery, Secret(secret))


def rejected(body, given=SECRET, secret=SECRET):
    with pytest.raises(EventRejected) as refused:
        verify(body, given, secret)
    assert not (secret and secret in str(refused.value))
    return True


@pytest.mark.parametrize(("body", "kind"), [(OWN, "PUSH_ARTIFACT"), (CLOUD, "harbor.artifact.pushed")])
def test_a_delivery_says_what_happened_to_which_repository_and_has_no_name(body, kind):
    assert verify(body) == ReceivedEvent(kind, None, "library/tools/busybox")


@pytest.mark.parametrize("secret", ["Basic bm90LWEtcmVhbDpzZWNyZXQ=", "Bearer not-a-real-token", SECRET])
def test_the_field_is_the_secret_as_it_is(secret):
    assert verify(OWN, secret, secret)
    assert rejected(OWN, f"Bearer {secret}", secret)


@pytest.mark.parametrize(
    "given", [None, "", "not-a-real-webhook-secret-2", SECRET[:-1], SECRET + "0", "é", SECRET.upper()]
)
def test_another_secret_proves_nothing(given):
    assert rejected(OWN, given)


@pytest.mark.parametrize("given", [None, "", SECRET])
def test_an_empty_secret_proves_nothing(given):
    assert rejected(OWN, given, "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"[" * 100_000,
        {},
        {"type": 5},
        {"type": ""},
        {"type": "A B"},
        {"type": "x" * 70},
    ],
)
def test_a_proven_body_that_names_no_event_is_none(body):
    assert rejected(body)


@pytest.mark.parametrize(
    "data",
    [None, [], "x", {}, {"repository": "x"}, {"repository": {}}, {"repository": {"repo_full_name": "../x"}}],
)
def test_an_event_of_no_repository_has_no_resource(data):
    assert verify({"type": "QUOTA_EXCEED", "event_data": data}) == ReceivedEvent("QUOTA_EXCEED", None, None)
