"""Events reach a webhook over real HTTP: signed, at least once, in order per integration, under the egress guard."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.support.hub import Hub, outside_folder, running_hub
from tests.support.receiver import Receiver

KEY = b"an obviously fake signing key 01"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def hub(receiver: Receiver) -> Iterator[Hub]:
    settings = {"EVENT_WEBHOOK_URL": f"{receiver.url}?team=a", "EVENT_WEBHOOK_SECRET": SECRET}
    with outside_folder() as folder, running_hub(folder, **settings) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(receiver: Receiver, hub: Hub) -> None:
    receiver.reset()
    while waiting(hub):
        hub.rows("UPDATE hub.deliveries SET next_attempt_at = now() WHERE delivered_at IS NULL")
        hub.deliver()
    receiver.got.clear()


def waiting(hub: Hub) -> int:
    return hub.rows("SELECT count(*) AS n FROM hub.deliveries WHERE delivered_at IS NULL AND dead_at IS NULL")[0]["n"]


def test_an_event_arrives_signed_at_the_address_as_it_was_given(hub, receiver):
    one = hub.client("signed").register("a")
    hub.deliver()
    ((path, headers, body),) = receiver.got
    event = json.loads(body)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(KEY, signed, sha256)).decode()
    assert path == "/hooks/hub?team=a"
    assert headers["webhook-signature"] == f"v1,{right}"
    assert (event["type"], event["subject"], event["tenantid"]) == ("integration.created", one["id"], "signed")
    assert headers["webhook-id"] == event["id"]


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_was_not_accepted_comes_again_as_a_recognisable_repeat(hub, receiver, status):
    hub.client(f"retry-{status}").register("a")
    receiver.status, receiver.headers = status, {"Location": "http://127.0.0.1:1/elsewhere"}
    hub.deliver()
    assert waiting(hub) == 1
    # it rests before the next attempt
    hub.deliver()
    assert len(receiver.got) == 1
    receiver.status, receiver.headers = 200, {}
    hub.rows("UPDATE hub.deliveries SET next_attempt_at = now() WHERE delivered_at IS NULL")
    hub.deliver()
    first, second = receiver.got
    assert waiting(hub) == 0
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]


def test_the_events_of_one_integration_arrive_in_order_whatever_fails_between(hub, receiver):
    me = hub.client("ordered")
    one = me.register("a")
    me.call("DELETE", f"/{one['id']}")
    me.call("POST", f"/{one['id']}/restore")
    receiver.status = 503
    hub.deliver()
    receiver.status = 200
    for _ in range(4):
        hub.rows("UPDATE hub.deliveries SET next_attempt_at = now() WHERE delivered_at IS NULL")
        hub.deliver()
    events = [json.loads(body) for _, _, body in receiver.got]
    assert [event["type"].rpartition(".")[2] for event in events] == ["created", "created", "deleted", "restored"]
    assert [event["sequence"] for event in events] == ["1", "1", "2", "3"]


def test_a_private_address_that_is_not_allowed_is_never_asked(receiver):
    with outside_folder() as folder, running_hub(folder, EVENT_WEBHOOK_URL=receiver.url, EGRESS_ALLOW="") as guarded:
        guarded.client("guarded").register("a")
        guarded.deliver()
        assert receiver.got == []
        (row,) = guarded.rows("SELECT last_error FROM hub.deliveries WHERE destination = 'webhook'")
        assert "egress_denied" in row["last_error"]
