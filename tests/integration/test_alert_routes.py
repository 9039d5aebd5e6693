"""A tenant's own routes, end to end: its webhook over TLS, signed with its secret, under the egress guard."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import trustme
from cloudevents.http import from_http
from psycopg.rows import DictRow
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.support.hub import Client, Hub, draft, outside_folder, running_hub
from tests.support.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"an obviously fake signing key 01").decode()
OTHER = "whsec_" + base64.b64encode(b"an obviously fake signing key 02").decode()


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    authority = trustme.CA()
    trusted = tmp_path_factory.mktemp("trust") / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Receiver(context).serving() as serving:
        serving.trusted = trusted
        yield serving


@pytest.fixture(scope="module")
def hub(receiver: Receiver) -> Iterator[Hub]:
    with outside_folder() as folder, running_hub(folder, SSL_CERT_FILE=str(receiver.trusted)) as running:
        yield running


@pytest.fixture
def me(hub: Hub, receiver: Receiver) -> Client:
    receiver.reset()
    return hub.client(f"tenant-{uuid4().hex[:12]}")


def tenant_of(me: Client) -> str:
    payload = me.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["stellaops:tenant"])


def secret(me: Client, text: str = SECRET) -> None:
    folder = me.hub.state / "secrets" / tenant_of(me)
    folder.mkdir(exist_ok=True)
    (folder / "hook").write_text(text)


def route(receiver: Receiver, me: Client, **changes: object) -> None:
    own = {"name": "own", "channel": "webhook", "url": receiver.url, "secretRef": "authref://file/hook"}
    answer = me.call("PUT", "/settings", json={"alertRoutes": [{**own, **changes}]})
    assert answer.status == 200, answer.body


def again(me: Client) -> None:
    """Deliver, without waiting for what rests."""
    me.hub.rows("UPDATE hub.deliveries SET next_attempt_at = now() WHERE delivered_at IS NULL")
    me.hub.deliver()


def open_ones(me: Client) -> list[DictRow]:
    return me.hub.rows(
        "SELECT * FROM hub.deliveries WHERE tenant_id = %s AND destination <> 'log' AND delivered_at IS NULL",
        tenant_of(me),
    )


def test_an_event_arrives_as_official_readers_take_it(me, receiver):
    secret(me)
    route(receiver, me)
    one = me.register("a")
    me.hub.deliver()
    (got,) = receiver.got
    told = Webhook(SECRET).verify(got.body, got.headers)
    event = from_http(got.headers, got.body)
    assert (told["id"], got.headers["webhook-id"]) == (event["id"], event["id"])
    assert (event["type"], event["subject"], event["tenantid"]) == ("integration.created", one["id"], tenant_of(me))
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(got.body, got.headers)


def test_while_a_secret_is_replaced_both_believe_the_request(me, receiver):
    secret(me, json.dumps({"webhook_secret": OTHER, "previous_webhook_secret": SECRET}))
    route(receiver, me)
    me.register("a")
    me.hub.deliver()
    (got,) = receiver.got
    for known in (SECRET, OTHER):
        assert Webhook(known).verify(got.body, got.headers)


def test_filters_let_through_what_they_name(me, receiver):
    secret(me)
    route(receiver, me, events=["integration.deleted"], tags=["red"])
    for name, tags in (("a", ["red"]), ("b", ["blue"])):
        one = me.register(name, tags=tags)
        me.call("DELETE", f"/{one['id']}")
    for _ in range(2):
        me.hub.deliver()
    (event,) = [json.loads(one.body) for one in receiver.got]
    assert (event["type"], event["data"]["name"]) == ("integration.deleted", "a")


def test_one_that_fails_for_a_while_gets_all_of_it_in_order_and_recognisable(me, receiver):
    secret(me)
    route(receiver, me)
    receiver.status = 503
    one = me.register("a")
    me.call("DELETE", f"/{one['id']}")
    for _ in range(3):
        again(me)
    receiver.status = 200
    for _ in range(2):
        again(me)
    events = [json.loads(got.body) for got in receiver.got]
    assert [event["sequence"] for event in events] == ["1", "1", "1", "1", "2"]
    assert len({event["id"] for event in events}) == 2
    assert open_ones(me) == []


def test_a_receiver_that_is_gone_makes_a_dead_letter_that_an_operator_can_replay(me, receiver):
    secret(me)
    route(receiver, me)
    receiver.status = 410
    me.register("a")
    me.hub.deliver()
    again(me)
    assert len(receiver.got) == 1
    # seen and replayed by an operator alone
    listed = me.call("GET", "/outbox/dead-letters").json()["items"]
    (letter,) = [one for one in listed if one["tenantId"] == tenant_of(me)]
    assert letter["destination"] == f"{tenant_of(me)}/own"
    assert "410" in letter["error"]
    assert "data" not in letter
    tenants = me.hub.client(tenant_of(me), ["integration:admin", "integration:read"])
    assert tenants.call("GET", "/outbox/dead-letters").status == 403
    receiver.status = 200
    assert me.call("POST", "/outbox/dead-letters", json={"ids": [letter["id"]]}).json() == {"replayed": 1}
    me.hub.deliver()
    first, second = receiver.got
    assert first.body == second.body
    assert me.call("POST", "/outbox/dead-letters", json={"ids": [letter["id"]]}).json() == {"replayed": 0}


def test_a_redirect_is_not_followed(me, receiver):
    secret(me)
    route(receiver, me)
    receiver.status, receiver.headers = 307, {"Location": receiver.url + "/elsewhere"}
    me.register("a")
    me.hub.deliver()
    assert [one.path for one in receiver.got] == ["/hooks/hub"]
    (waiting,) = open_ones(me)
    assert "redirects are not followed" in waiting["last_error"]


def test_a_receiver_that_asks_for_patience_is_left_alone_that_long(me, receiver):
    secret(me)
    route(receiver, me)
    receiver.status, receiver.headers = 429, {"Retry-After": "3000"}
    me.register("a")
    me.hub.deliver()
    (waiting,) = open_ones(me)
    assert 2900 < (waiting["next_attempt_at"] - datetime.now(UTC)).total_seconds() <= 3000


def test_one_tenant_s_slow_receiver_keeps_no_other_waiting(me, receiver):
    secret(me)
    route(receiver, me)
    other = me.hub.client(f"tenant-{uuid4().hex[:12]}")
    receiver.takes_s = 3.5
    for n in range(4):
        me.register(f"slow {n}")
    other.register("quick")
    me.hub.deliver()
    (left,) = me.hub.rows(
        "SELECT count(*) AS n FROM hub.deliveries WHERE tenant_id = %s AND delivered_at IS NULL", tenant_of(other)
    )
    assert left["n"] == 0


@pytest.mark.parametrize("text", ["whsec_***", "", "not base64!"])
def test_without_a_usable_secret_nothing_is_sent_and_the_reason_holds_none(me, receiver, text):
    secret(me, text)
    route(receiver, me)
    me.register("a")
    me.hub.deliver()
    assert receiver.got == []
    (waiting,) = open_ones(me)
    assert waiting["last_error"]
    assert not text or text not in waiting["last_error"]


def test_a_tenant_cannot_have_the_hub_sign_with_another_s_secret(me, receiver):
    other = me.hub.client(f"tenant-{uuid4().hex[:12]}")
    secret(other)
    route(receiver, me)
    me.register("a")
    me.hub.deliver()
    assert receiver.got == []
    (waiting,) = open_ones(me)
    assert "secret_unavailable" in waiting["last_error"]


def test_a_tenant_cannot_have_the_hub_post_into_the_operator_s_network(receiver: Receiver, tmp_path: Path):
    with (
        outside_folder() as folder,
        running_hub(folder, SSL_CERT_FILE=str(receiver.trusted), EGRESS_ALLOW="") as guarded,
    ):
        me = guarded.client("guarded")
        receiver.reset()
        secret(me)
        route(receiver, me)
        me.register("a")
        guarded.deliver()
        tried = me.call("POST", "/settings/alert-test").json()["items"]
        assert receiver.got == []
        assert [one["outcome"] for one in tried] == ["failed"]
        assert "egress_denied" in tried[0]["detail"]
        (waiting,) = open_ones(me)
        assert "egress_denied" in waiting["last_error"]


def test_a_test_says_what_each_channel_said(me, receiver):
    secret(me)
    own = {"name": "own", "channel": "webhook", "url": receiver.url, "secretRef": "authref://file/hook"}
    broken = {**own, "name": "broken", "url": "https://127.0.0.1:1/x"}
    routes = [own, broken, {"name": "written", "channel": "log", "severities": ["alert"]}]
    assert me.call("PUT", "/settings", json={"alertRoutes": routes}).status == 200
    answer = me.call("POST", "/settings/alert-test").json()
    assert [(one["route"], one["channel"], one["outcome"]) for one in answer["items"]] == [
        ("own", "webhook", "delivered"),
        ("broken", "webhook", "failed"),
        ("written", "log", "delivered"),
    ]
    assert "connect_error" in answer["items"][1]["detail"]
    (got,) = receiver.got
    event = from_http(got.headers, got.body)
    assert (event["id"], event["type"], event.get("subject")) == (answer["eventId"], "hub.alert_test", None)
    assert not me.hub.rows("SELECT 1 FROM hub.outbox WHERE tenant_id = %s", tenant_of(me))


def test_tests_are_limited_per_tenant(me):
    statuses = [me.call("POST", "/settings/alert-test").status for _ in range(11)]
    assert statuses[0] == 200
    assert 429 in statuses


def test_a_deployment_s_own_channels_are_tried_without_routes(me):
    answer = me.call("POST", "/settings/alert-test").json()
    assert [(one["route"], one["channel"], one["outcome"]) for one in answer["items"]] == [(None, "log", "delivered")]


# --- settings ---


def test_settings_are_read_and_replaced_under_their_version(me):
    first = me.call("GET", "/settings")
    assert first.json() == {
        "requireTestReceipt": False, "alertRoutes": [], "channels": ["log"], "version": 0, "updatedAt": None,
    }  # fmt: skip
    assert me.call("GET", "/settings", headers={"If-None-Match": first.headers["etag"]}).status == 304
    put = me.call("PUT", "/settings", json={"requireTestReceipt": True}, headers={"If-Match": first.headers["etag"]})
    assert (put.status, put.json()["version"]) == (200, 1)
    assert put.headers["etag"] == me.call("GET", "/settings").headers["etag"]
    stale = me.call("PUT", "/settings", json={}, headers={"If-Match": first.headers["etag"]})
    assert (stale.status, stale.json()["code"]) == (412, "precondition_failed")
    (entry,) = me.call("GET", "/audit").json()["items"]
    assert (entry["action"], entry["details"]["requireTestReceipt"]) == ("settings.updated", True)


def test_the_audit_trail_keeps_of_an_address_its_host_only(me, receiver):
    route(receiver, me)
    (entry,) = me.call("GET", "/audit").json()["items"]
    (kept,) = entry["details"]["alertRoutes"]
    assert kept["target"] == receiver.url.split("/")[2]
    assert "hooks" not in json.dumps(entry["details"]).replace("authref://file/hook", "")


def test_where_receipts_are_required_only_what_was_tested_is_registered(me):
    me.call("PUT", "/settings", json={"requireTestReceipt": True})
    refused = me.call("POST", json=draft("one"))
    assert refused.status == 422
    assert "/test" in refused.json()["detail"]
    assert "X-Test-Receipt" in refused.json()["detail"]
    receipt = me.call("POST", "/test", json=draft("one")).json()["receipt"]
    assert me.call("POST", json=draft("one"), headers={"X-Test-Receipt": receipt}).status == 201
    assert me.call("POST", json=draft("two"), headers={"X-Test-Receipt": receipt}).status == 422


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"url": "http://hooks.example/a"}, "/alertRoutes/0/url", "https://"),
        ({"url": "https://user:pass@hooks.example/"}, "/alertRoutes/0/url", "password"),
        ({"url": "https://hooks.example/?token=a"}, "/alertRoutes/0/url", "query"),
        ({"url": "https://hooks.example/ghp_0123456789abcdef0123"}, "/alertRoutes/0/url", "token"),
        ({"secretRef": None}, "/alertRoutes/0", "go together"),
        ({"secretRef": "authref://nowhere/x"}, "/alertRoutes/0/secretRef", "names no secret backend"),
        ({"secretRef": "whsec_abc"}, "/alertRoutes/0/secretRef", ""),
        ({"url": None, "secretRef": None, "channel": "sns"}, "/alertRoutes/0/channel", "log"),
        ({"channel": "sns"}, "/alertRoutes/0", "webhook"),
        ({"events": ["integration.everything"]}, "/alertRoutes/0/events/0", "integration.created"),
        ({"name": "Own!"}, "/alertRoutes/0/name", "pattern"),
    ],
)
def test_a_route_that_leads_nowhere_is_refused_with_the_place(me, changes, pointer, says):
    own = {"name": "own", "channel": "webhook", "url": "https://hooks.example/a", "secretRef": "authref://file/hook"}
    answer = me.call("PUT", "/settings", json={"alertRoutes": [{**own, **changes}]})
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert says in error["detail"]
    assert b"ghp_" not in answer.body
    assert b"pass@" not in answer.body
