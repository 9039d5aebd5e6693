"""Resources and webhooks through the whole hub, with a connector that has both: asked for, proven, attacked, told."""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from integrations_hub.plugins.registry import Plugins
from tests.support.functions import lambda_event, load_function
from tests.support.hub import API, Answer, Client, Hub, outside_folder, running_hub
from tests.support.strangers import hooks, install, toy

PUBLIC = "https://hub.example"
BODY = b'{"ref": "refs/heads/main"}'
CANARY = "not-a-real-secret-canary"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """Run a hub with two allow-listed connectors: one has resources and webhooks, the other neither."""
    path, modules = list(sys.path), set(sys.modules)
    with outside_folder() as folder:
        plugins = folder / "plugins"
        install(plugins, "toy-hooks", hooks())
        install(plugins, "toy-plain", toy("plain"))
        found = Plugins([plugins]).scan()
        allowed = ",".join(f"{one.plugin_id}@{one.sha256}" for one in found if one.plugin_id.startswith("toy-"))
        settings = {"PLUGIN_PATHS": str(plugins), "PLUGIN_ALLOW_LIST": allowed, "PUBLIC_URL": PUBLIC}
        with running_hub(folder, **settings) as running:
            yield running
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        sys.modules.pop(name, None)


def store(client: Client, name: str, text: str) -> str:
    """Store a secret in the tenant's folder and return its reference."""
    tenant = client.call("GET", "/audit").json()["items"][0]["tenantId"]
    place = client.hub.state / "secrets" / tenant
    place.mkdir(exist_ok=True)
    (place / name).write_text(text)
    return f"authref://file/{name}"


@pytest.fixture
def one(me: Client) -> str:
    """Register an integration whose token is the canary; return its id."""
    made = me.call("POST", json={"type": "toy", "name": "one", "config": {}, "authRefUri": "authref://file/token"})
    store(me, "token", CANARY)
    return made.json()["id"]


def failing(me: Client, reason: str) -> str:
    body = {"type": "toy", "name": reason, "config": {"fails": reason}, "authRefUri": "authref://file/token"}
    made = me.call("POST", json=body)
    store(me, "token", CANARY)
    return made.json()["id"]


def set_up(me: Client, one: str, secret: str = "not-a-real-hook-secret", name: str = "hook", **more: Any) -> Answer:
    return me.call("POST", f"/{one}/webhook", json={"webhookSecretRef": store(me, name, secret), **more})


def deliver(hub: Hub, one: str, body: bytes = BODY, secret: str = "not-a-real-hook-secret", **headers: str) -> Answer:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    sent = {
        "X-Signature": signature,
        "X-Delivery": str(uuid4()),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return hub.call("POST", f"{API}/{one}/events", body=body, headers=sent)


# --- resources ---


def test_resources_come_page_by_page_and_without_the_secret(me: Client, one: str) -> None:
    names, token = [], ""
    for _ in range(5):
        answer = me.call("GET", f"/{one}/resources?kind=things{token}")
        assert answer.status == 200, answer.body
        assert CANARY.encode() not in answer.body
        names += [item["id"] for item in answer.json()["items"]]
        token = f"&page_token={answer.json()['nextPageToken']}"
        if token.endswith("None"):
            break
    assert names == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 422, "kind"),
        ("?kind=others", 422, "kind=things"),
        ("?kind=things&kind=things", 422, "at most once"),
        ("?kind=things&page_token=x", 400, "page_token"),
        ("?kind=things&page_size=5", 422, "page_token"),
    ],
)
def test_a_wrong_question_says_what_to_ask(me: Client, one: str, query: str, status: int, said: str) -> None:
    answer = me.call("GET", f"/{one}/resources{query}")
    assert answer.status == status
    assert said in answer.body.decode()


def test_what_a_provider_says_is_told_on_one_line_and_as_text(me: Client) -> None:
    body = {"type": "toy", "name": "strange", "config": {"strange": True}, "authRefUri": "authref://file/token"}
    made = me.call("POST", json=body).json()
    store(me, "token", CANARY)
    for answer in (me.call("POST", "/test", json=body), me.call("POST", f"/{made['id']}/health-check")):
        assert answer.status == 200
        assert answer.json()["steps"][-1]["evidence"] == "two lines [31m"
    listed = me.call("GET", f"/{made['id']}/resources?kind=things")
    assert listed.status == 200
    assert listed.json()["items"] == [{"id": "1", "name": "two lines", "url": "https://toy.example/"}]


def test_a_page_token_is_of_its_integration_and_kind(me: Client, one: str) -> None:
    token = me.call("GET", f"/{one}/resources?kind=things").json()["nextPageToken"]
    other = me.call("POST", json={"type": "toy", "name": "two", "config": {}}).json()["id"]
    assert me.call("GET", f"/{other}/resources?kind=things&page_token={token}").status == 400


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("invalid_config", 422),
        ("credential_rejected", 502),
        ("permission_missing", 502),
        ("timeout", 502),
        ("egress_denied", 502),
        ("crash", 502),
        ("rate_limited", 503),
        ("secret_unavailable", 503),
    ],
)
def test_a_provider_that_fails_is_told_with_reason_and_remedy(me: Client, reason: str, status: int) -> None:
    one = failing(me, reason)
    for answer in (me.call("GET", f"/{one}/resources?kind=things"), set_up(me, one)):
        problem = answer.json()
        assert answer.status == status
        assert CANARY not in answer.body.decode()
        if status != 422:
            assert problem["reason"] == reason.replace("crash", "connector_crashed")
            assert problem["remedy"]
        if status == 503:
            assert answer.headers["retry-after"] == "7"


def test_a_type_without_either_says_so(me: Client) -> None:
    plain = me.call("POST", json={"type": "plain", "name": "plain", "config": {}}).json()["id"]
    store(me, "hook", "not-a-real-hook-secret")
    assert me.call("GET", f"/{plain}/resources?kind=repositories").status == 422
    refused = set_up(me, plain)
    assert refused.status == 422
    assert "no webhooks" in refused.json()["detail"]
    assert deliver(me.hub, plain).status == 401


# --- setting up ---


def test_a_webhook_is_set_up_and_audited_without_its_secret(me: Client, one: str) -> None:
    answer = set_up(me, one, resource="group/project", events=["push", "tag"])
    assert answer.status == 200
    expected = {"outcome": "created", "webhookId": "7", "resource": "group/project", "events": ["push", "tag"]}
    assert answer.json() == {**expected, "url": f"{PUBLIC}{API}/{one}/events"}
    (entry,) = [e for e in me.call("GET", f"/{one}/audit").json()["items"] if e["action"] == "webhook.set_up"]
    assert "authref://file/hook" in str(entry["details"])
    assert "not-a-real-hook-secret" not in str(entry)


def test_a_provider_may_use_words_no_database_keeps(me: Client, one: str) -> None:
    answer = set_up(me, one, resource="strange")
    assert answer.status == 200
    assert (answer.json()["webhookId"], answer.json()["events"]) == ("7", ["push", ""])
    (entry,) = (one for one in me.call("GET", f"/{one}/audit").json()["items"] if "events" in one["details"])
    assert entry["details"]["events"] == ["push", ""]
    assert set_up(me, one, resource="strange error").status == 502


@pytest.mark.parametrize(("resource", "status"), [("repeated", 200), ("repeated in an error", 502)])
def test_a_provider_that_repeats_the_secrets_gets_them_into_no_answer(
    me: Client, one: str, resource: str, status: int
) -> None:
    answer = set_up(me, one, resource=resource)
    assert answer.status == status
    for text in (str(answer.json()), str(me.call("GET", f"/{one}/audit").json())):
        assert CANARY not in text
        assert "not-a-real-hook-secret" not in text
    assert "*** ***" in str(answer.json())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/webhookSecretRef"),
        ({"webhookSecretRef": "authref://nowhere/hook"}, "/webhookSecretRef"),
        ({"webhookSecretRef": "not-a-real-hook-secret"}, "/webhookSecretRef"),
        ({"webhookSecretRef": "authref://file/hook", "events": ["a\nb"]}, "/events/0"),
        ({"webhookSecretRef": "authref://file/hook", "resource": ""}, "/resource"),
        ({"webhookSecretRef": "authref://file/hook", "secret": "not-a-real-hook-secret"}, "/secret"),
    ],
)
def test_a_wrong_order_says_where(me: Client, one: str, body: dict[str, object], pointer: str) -> None:
    answer = me.call("POST", f"/{one}/webhook", json=body)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert b"not-a-real-hook-secret" not in answer.body


def test_what_the_provider_refuses_counts_for_nothing(me: Client) -> None:
    one = failing(me, "permission_missing")
    assert set_up(me, one).status == 502
    assert deliver(me.hub, one).status == 401
    assert "webhook.set_up" not in me.call("GET", f"/{one}/audit").body.decode()


def test_a_failed_change_leaves_the_secret_in_force(me: Client, one: str) -> None:
    assert set_up(me, one).status == 200
    body = {"type": "toy", "name": "one", "config": {"fails": "server_error"}, "authRefUri": "authref://file/token"}
    assert me.call("PUT", f"/{one}", json=body).status == 200
    assert set_up(me, one, "not-a-real-other", "other").status == 502
    assert deliver(me.hub, one).status == 202
    assert deliver(me.hub, one, secret="not-a-real-other").status == 401


# --- receiving ---


def test_a_proven_delivery_becomes_one_event(me: Client, one: str) -> None:
    set_up(me, one)
    answer = deliver(me.hub, one, X_Kind="tag")
    assert answer.status == 202
    (event,) = me.hub.rows("SELECT * FROM hub.outbox WHERE id = %s", answer.json()["eventId"])
    assert (event["type"], str(event["integration_id"])) == ("integration.event_received", one)
    assert (event["data"]["kind"], event["data"]["resource"]) == ("tag", "thing-1")
    rows = me.hub.rows("SELECT * FROM hub.webhook_deliveries WHERE integration_id = %s", one)
    assert {str(row["event_id"]) for row in rows} == {answer.json()["eventId"]}


def test_on_lambda_it_is_the_same(me: Client, one: str) -> None:
    set_up(me, one)
    event = lambda_event("POST", f"{API}/{one}/events", tenant="nobody", body=BODY.decode())
    signature = hmac.new(b"not-a-real-hook-secret", BODY, hashlib.sha256).hexdigest()
    event["headers"] = {"content-type": "text/plain", "x-signature": signature}
    face = load_function("receive_event").lambda_handler
    assert [face(event, None)["statusCode"] for _ in range(2)] == [202, 409]


@pytest.mark.parametrize("headers", [{"X_Delivery": "the-same"}, {}])
def test_a_replay_is_refused_by_its_name_or_by_its_body(me: Client, one: str, headers: dict[str, str]) -> None:
    set_up(me, one)
    signature = hmac.new(b"not-a-real-hook-secret", BODY, hashlib.sha256).hexdigest()
    sent = {"X-Signature": signature, **{k.replace("_", "-"): v for k, v in headers.items()}}
    with ThreadPoolExecutor(8) as pool:
        at_once = [pool.submit(me.hub.call, "POST", f"{API}/{one}/events", body=BODY, headers=sent) for _ in range(8)]
    answers = sorted(future.result().status for future in at_once)
    assert answers == [202, *[409] * 7]
    told = "SELECT 1 FROM hub.outbox WHERE integration_id = %s AND type = 'integration.event_received'"
    assert len(me.hub.rows(told, one)) == 1


def test_a_replay_under_another_name_is_known_by_its_body(me: Client, one: str) -> None:
    set_up(me, one)
    assert [deliver(me.hub, one).status for _ in range(3)] == [202, 409, 409]  # a name of its own each time


def test_what_is_about_another_integration_is_answered_well_and_told_to_nobody(me: Client, one: str) -> None:
    set_up(me, one)
    answer = deliver(me.hub, one, X_Kind="foreign")
    assert (answer.status, answer.json()) == (202, {"eventId": None})
    assert not me.hub.rows("SELECT 1 FROM hub.webhook_deliveries WHERE integration_id = %s", one)


def test_unknown_deleted_and_unproven_get_one_answer(me: Client, one: str) -> None:
    set_up(me, one)
    gone = me.call("POST", json={"type": "toy", "name": "gone", "config": {}}).json()["id"]
    set_up(me, gone)
    me.call("DELETE", f"/{gone}")
    answers = [
        deliver(me.hub, one, secret="not-a-real-guess"),
        deliver(me.hub, one, X_Signature=""),
        deliver(me.hub, one, X_Signature="\xff\xfe"),
        deliver(me.hub, gone),
        deliver(me.hub, str(uuid4())),
    ]
    seen = {(a.status, a.json()["code"], a.json()["detail"], a.headers.get("www-authenticate")) for a in answers}
    assert len(seen) == 1
    assert {answer.status for answer in answers} == {401}


def test_a_tampered_body_is_not_believed(me: Client, one: str) -> None:
    set_up(me, one)
    signature = hmac.new(b"not-a-real-hook-secret", BODY, hashlib.sha256).hexdigest()
    assert deliver(me.hub, one, BODY + b" ", X_Signature=signature).status == 401
    assert not me.hub.rows("SELECT 1 FROM hub.outbox WHERE integration_id = %s AND type LIKE '%%received'", one)


def test_a_token_proves_nothing_here(me: Client, one: str) -> None:
    set_up(me, one)
    assert me.call("POST", f"/{one}/events", body=BODY).status == 401


def test_failures_are_limited_alike_for_known_and_unknown_ids(me: Client, one: str) -> None:
    set_up(me, one)
    for target in (one, str(uuid4())):
        answers = [deliver(me.hub, target, secret="not-a-real-guess") for _ in range(12)]
        assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) <= 60
    assert deliver(me.hub, one).status == 429


def test_a_body_over_a_mebibyte_is_refused_and_one_of_a_mebibyte_is_not(me: Client, one: str) -> None:
    set_up(me, one)
    assert deliver(me.hub, one, b"x" * (1 << 20)).status == 202
    assert deliver(me.hub, one, b"x" * ((1 << 20) + 1)).status == 413


def test_the_secret_that_was_replaced_counts_for_a_day(me: Client, one: str) -> None:
    set_up(me, one, "not-a-real-old", "old")
    set_up(me, one, "not-a-real-new", "new")
    assert deliver(me.hub, one, b"1", secret="not-a-real-new").status == 202
    assert deliver(me.hub, one, b"2", secret="not-a-real-old").status == 202
    me.hub.rows("UPDATE hub.webhooks SET replaced_at = now() - interval '25 hours' WHERE integration_id = %s", one)
    assert deliver(me.hub, one, b"3", secret="not-a-real-old").status == 401
    assert deliver(me.hub, one, b"4", secret="not-a-real-new").status == 202


def test_a_secret_rotated_in_place_counts_at_once(me: Client, one: str) -> None:
    set_up(me, one, "not-a-real-old")
    assert deliver(me.hub, one, b"1", secret="not-a-real-old").status == 202
    store(me, "hook", '{"webhook_secret": "not-a-real-new", "previous_webhook_secret": "not-a-real-old"}')
    assert deliver(me.hub, one, b"2", secret="not-a-real-new").status == 202
    assert deliver(me.hub, one, b"3", secret="not-a-real-old").status == 202


@pytest.mark.parametrize(
    ("empty", "status"),
    [('{"webhook_secret": "", "token": "not-a-real-token"}', 401), ('{"of_another_name": ""}', 422)],
)
def test_an_empty_secret_is_not_set_up_and_proves_nothing(me: Client, one: str, empty: str, status: int) -> None:
    refused = set_up(me, one, empty, "empty")
    assert refused.status == 422
    assert "secret is empty" in refused.json()["detail"]
    set_up(me, one)
    me.hub.rows("UPDATE hub.webhooks SET secret_ref = 'authref://file/empty' WHERE integration_id = %s", one)
    assert deliver(me.hub, one, secret="").status == status


def test_a_secret_that_cannot_be_had_asks_the_provider_to_come_again(me: Client, one: str) -> None:
    set_up(me, one)
    ref = "UPDATE hub.webhooks SET secret_ref = 'authref://file/never-stored' WHERE integration_id = %s"
    me.hub.rows(ref, one)
    answer = deliver(me.hub, one)
    assert answer.status == 503
    assert answer.json()["reason"] == "secret_unavailable"


def test_a_replaced_secret_that_is_gone_makes_no_difference_to_who_has_none(me: Client, one: str) -> None:
    set_up(me, one, "not-a-real-old", "old")
    set_up(me, one, "not-a-real-new", "new")
    me.hub.rows("UPDATE hub.webhooks SET previous_ref = 'authref://file/gone' WHERE integration_id = %s", one)
    assert deliver(me.hub, one, b"1", secret="not-a-real-made-up").status == 401
    assert deliver(me.hub, one, b"2", secret="not-a-real-new").status == 202


def test_a_secret_that_cannot_be_had_does_not_refuse_what_another_proves(me: Client, one: str) -> None:
    set_up(me, one, "not-a-real-old", "old")
    set_up(me, one, "not-a-real-new", "new")
    me.hub.rows("UPDATE hub.webhooks SET secret_ref = 'authref://file/gone' WHERE integration_id = %s", one)
    assert deliver(me.hub, one, b"1", secret="not-a-real-made-up").status == 503
    assert deliver(me.hub, one, b"2", secret="not-a-real-old").status == 202


def test_another_tenant_sets_up_and_lists_nothing(me: Client, one: str) -> None:
    other = me.hub.client(f"tenant-{uuid4().hex[:12]}")
    assert other.call("GET", f"/{one}/resources?kind=things").status == 404
    body = {"webhookSecretRef": "authref://file/hook"}
    assert other.call("POST", f"/{one}/webhook", json=body).status == 404
    assert not me.hub.rows("SELECT 1 FROM hub.webhooks WHERE integration_id = %s", one)


@pytest.mark.parametrize("scopes", [["integration:read"], ["integration:write"], []])
def test_both_need_the_operators_scope(me: Client, one: str, scopes: list[str]) -> None:
    reader = me.hub.client("acme", scopes)
    assert reader.call("GET", f"/{one}/resources?kind=things").status == 403
    assert reader.call("POST", f"/{one}/webhook", json={"webhookSecretRef": "authref://file/hook"}).status == 403


def test_purged_with_its_integration(me: Client, one: str) -> None:
    set_up(me, one)
    deliver(me.hub, one)
    me.call("DELETE", f"/{one}")
    me.hub.rows("UPDATE hub.integrations SET deleted_at = now() - interval '100 days' WHERE id = %s", one)
    me.hub.run_job("maintain_storage")
    assert not me.hub.rows("SELECT 1 FROM hub.integrations WHERE id = %s", one)
    for table in ("webhooks", "webhook_deliveries"):
        assert not me.hub.rows(f"SELECT 1 FROM hub.{table} WHERE integration_id = %s", one)


def test_without_a_public_address_nothing_is_set_up(me: Client, one: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations_hub import bootstrap  # noqa: PLC0415 - the one test that builds the hub anew

    monkeypatch.delenv("PUBLIC_URL")
    bootstrap.reset()
    try:
        refused = set_up(me, one)
    finally:
        bootstrap.reset()
    assert refused.status == 422
    assert "PUBLIC_URL" in refused.json()["detail"]
