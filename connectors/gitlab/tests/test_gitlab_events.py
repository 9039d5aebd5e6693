"""Deliveries of GitLab: signed, or with a token; genuine, forged, old, and not GitLab's at all."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected, ReceivedEvent
from integrations_hub.connector.redaction import Secret
from integrations_hub_gitlab import GitLabConnector

from .gitlab_signature import signature

GITLAB = GitLabConnector()
CONFIG = GITLAB.validate_config({"endpoint": "https://gitlab.example"})
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "not-a-real-webhook-secret-1"
SIGNING = f"whsec_{b64encode(b'not-a-real-signing-key-canary-32').decode()}"
OTHER = f"whsec_{b64encode(b'not-a-real-signing-key-canary-33').decode()}"
BODY = json.dumps({"object_kind": "push", "project": {"id": 7, "path_with_namespace": "group/hub"}}).encode()
EXAMPLE_KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Event-UUID": "13792a34", "X-Gitlab-Webhook-UUID": "02affd2d"}


def verify(fields, secret, body=BODY):
    return GITLAB.verify_event(CONFIG, Delivery(Headers((EVENT | fields).items()), body, NOW), Secret(secret))


def rejected(fields, secret, body=BODY):
    with pytest.raises(EventRejected) as refused:
        verify(fields, secret, body)
    assert refused.value.__context__ is None
    assert not any(text and text in str(refused.value) for text in (secret, TOKEN, SIGNING))
    return True


def test_the_tests_sign_as_the_specification_does():
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, its own example
    at = datetime.fromtimestamp(1614265330, UTC)

    fields = signature(b'{"test": 2432232314}', f"whsec_{EXAMPLE_KEY}", at, "msg_p5jXN8AQM9LWM0D4loKWxJek")

    assert fields["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_delivery_says_what_it_is():
    received = verify(signature(BODY, SIGNING, NOW, "msg-1") | {"Idempotency-Key": "another"}, SIGNING)

    assert received == ReceivedEvent("Push Hook", "msg-1", "group/hub")


def test_a_token_proves_a_delivery_that_is_not_signed():
    received = verify({"X-Gitlab-Token": TOKEN, "Idempotency-Key": "f5e5f430"}, TOKEN)

    assert received == ReceivedEvent("Push Hook", "f5e5f430", "group/hub")


def test_before_there_were_idempotency_keys_a_delivery_has_no_name():
    assert verify({"X-Gitlab-Token": TOKEN}, TOKEN).delivery_id is None


@pytest.mark.parametrize("late_s", [-300, -1, 0, 1, 300])
def test_five_minutes_are_forgiven(late_s):
    assert verify(signature(BODY, SIGNING, NOW - timedelta(seconds=late_s)), SIGNING)


@pytest.mark.parametrize("late_s", [-86400, -301, 301, 86400])
def test_more_are_not(late_s):
    assert rejected(signature(BODY, SIGNING, NOW - timedelta(seconds=late_s)), SIGNING)


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "1777636800.0", " 1777636800", "9" * 400, "\u0661"])
def test_a_time_that_is_none_proves_nothing(stamp):
    assert rejected(signature(BODY, SIGNING, NOW) | {"webhook-timestamp": stamp}, SIGNING)


def test_one_of_several_signatures_is_enough():
    fields, other = signature(BODY, SIGNING, NOW), signature(BODY, OTHER, NOW)
    both = f"v1a,ed25519 {other['webhook-signature']} {fields['webhook-signature']}"

    assert verify(fields | {"webhook-signature": both}, SIGNING)
    assert rejected(fields | {"webhook-signature": f"v1a,x {other['webhook-signature']}"}, SIGNING)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg-2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "é"},
        {"webhook-signature": "v1,AAAA, v1,AAAA"},
    ],
)
def test_a_signature_is_of_all_it_covers(change):
    assert rejected(signature(BODY, SIGNING, NOW) | change, SIGNING)


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", BODY.replace(b"hub", b"hut")])
def test_a_body_that_was_changed_is_not_proven(body):
    assert rejected(signature(BODY, SIGNING, NOW), SIGNING, body)


def test_another_secret_proves_nothing():
    assert rejected(signature(BODY, OTHER, NOW), SIGNING)


@pytest.mark.parametrize("signed", ["v1,AAAA", "", signature(BODY, OTHER, NOW)["webhook-signature"]])
def test_who_bears_a_signature_is_never_believed_by_its_token(signed):
    fields = signature(BODY, OTHER, NOW) | {"webhook-signature": signed}

    assert rejected(fields | {"X-Gitlab-Token": TOKEN}, TOKEN)
    assert rejected(fields | {"X-Gitlab-Token": SIGNING}, SIGNING)


@pytest.mark.parametrize(
    "given", [None, "", "not-a-real-webhook-secret-2", TOKEN[:-1], TOKEN + "0", "é", TOKEN.upper()]
)
def test_another_token_proves_nothing(given):
    assert rejected({} if given is None else {"X-Gitlab-Token": given}, TOKEN)


@pytest.mark.parametrize("fields", [{}, {"X-Gitlab-Token": ""}, signature(BODY, "whsec_", NOW)])
def test_an_empty_secret_proves_nothing(fields):
    assert rejected(fields, "")


@pytest.mark.parametrize("kind", ["", "push_hook", "Push Hook\n", "1", "x" * 70])
def test_a_delivery_that_names_no_event_is_none(kind):
    assert rejected({"X-Gitlab-Token": TOKEN, "X-Gitlab-Event": kind}, TOKEN)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"project": "x"}',
        b'{"project": {"path_with_namespace": "../x"}}',
        b'{"project": {"path_with_namespace": 7}}',
    ],
)
def test_a_proven_body_of_another_shape_is_of_no_project(body):
    assert verify({"X-Gitlab-Token": TOKEN}, TOKEN, body) == ReceivedEvent("Push Hook", None, None)


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "é"])
def test_a_name_that_is_none_is_left_out(name):
    assert verify({"X-Gitlab-Token": TOKEN, "Idempotency-Key": name}, TOKEN).delivery_id is None
