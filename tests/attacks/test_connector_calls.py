"""Calls to `run_connector` that are nobody's to make, and what they would be worth: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from integrations_hub import bootstrap
from integrations_hub.catalog.plugin import Isolation, PluginRecord, Strangers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.health.ports import CheckJob, ConnectorCall
from integrations_hub.plugins.remote import messages as say
from integrations_hub.plugins.remote.call_key import ID, SIGNATURE, TIME, CallKey
from integrations_hub.plugins.remote.host import LineBroken, RemoteHost
from integrations_hub.plugins.remote.http_line import HttpLine
from integrations_hub.plugins.remote.plugins import RemotePlugins
from tests.support.connector_hosts import (
    CANARY,
    KEY,
    TYPES,
    Deployment,
    RecordedLine,
    call_key,
    deployment,
    here,
    over_http,
)
from tests.support.functions import load_function
from tests.support.listeners import answering, listening
from tests.support.served_function import Served

CALL = {"Content-Type": "application/vnd.integrations-hub.call+json"}
OTHER_KEY = "another obviously fake key of calls"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return deployment(tmp_path_factory.mktemp("deployment"))


@pytest.fixture(scope="module")
def remote(deployed: Deployment) -> Iterator[tuple[RemoteHost, RecordedLine, Served]]:
    with over_http(deployed) as found:
        yield found


@pytest.fixture(scope="module")
def served(remote) -> Served:
    return remote[2]


def call(type_: str = "in-memory", tenant: str = "acme", auth: str | None = None, **config: Any) -> bytes:
    about = say.About(tenant=tenant, config=config, auth_ref_uri=auth)
    return say.Call(type=type_, question=say.Check(about=about, sequence=0)).model_dump_json().encode()


def key_at(moment: datetime, key: str = KEY) -> CallKey:
    return CallKey([key], lambda: moment)


def now() -> datetime:
    return datetime.now(UTC)


UNPROVEN: Mapping[str, Mapping[str, str]] = {
    "no signature": {},
    "an empty signature": {ID: "1", TIME: "1", SIGNATURE: ""},
    "a made-up one": {ID: "1", TIME: str(int(now().timestamp())), SIGNATURE: "v1=" + "0" * 64},
    "one that is no ASCII": {ID: "1", TIME: str(int(now().timestamp())), SIGNATURE: "v1=\xff\xfe"},
    "another key's": call_key(OTHER_KEY).question(call()),
    "that of another body": call_key().question(call(tenant="globex")),
    "an answer's": call_key().answer("1", call()),
    "one of yesterday": key_at(now() - timedelta(days=1)).question(call()),
    "one of tomorrow": key_at(now() + timedelta(days=1)).question(call()),
    "one that another time was put on": {
        **key_at(now() - timedelta(days=1)).question(call()),
        TIME: str(int(now().timestamp())),
    },
    "one that another id was put on": {**call_key().question(call()), ID: "2"},
}


@pytest.mark.parametrize("attack", UNPROVEN)
def test_a_call_that_is_not_proven_is_refused_before_it_is_read(attack: str, served: Served) -> None:
    status, _, body = served.post(call(), {**CALL, **UNPROVEN[attack]})
    assert status == 403
    assert b"not proven" in body
    assert b"scripted" not in body


def test_a_call_is_believed_once(served: Served) -> None:
    proof = call_key().question(call())
    first, again = (served.post(call(), {**CALL, **proof}) for _ in range(2))
    assert first[0] == 200
    assert b"scripted: healthy" in first[2]
    assert again[0] == 403
    assert b"received before" in again[2]


def test_a_call_for_another_tenant_needs_the_key_and_gets_that_tenants_secrets_only(remote) -> None:
    """Whoever holds the key may speak for any tenant; a reference still means that tenant's own secret."""
    host, _, served = remote
    mine = call("toy", auth="authref://file/token")
    theirs = call("toy", tenant="globex", auth="authref://file/token")
    assert served.post(theirs, {**CALL, **call_key().question(mine)})[0] == 403
    job = CheckJob(tenant_id="globex", type="toy", config={}, auth_ref_uri="authref://file/token")
    assert str(host.submit(job).result(30).reason) == "secret_unavailable"
    for path in ("authref://file/../acme/token", "authref://file/%2e%2e/acme/token", "authref://file//acme/token"):
        climbing = ConnectorCall(tenant_id="globex", type="toy", config={}, auth_ref_uri=path)
        with pytest.raises(CheckFailed) as refused:
            host.discover(climbing, "things", None)
        assert str(refused.value.reason) == "secret_unavailable"


@pytest.mark.parametrize("type_", ["nobody", "github2", "in-memory2"])
def test_a_type_it_does_not_carry_is_refused_by_name(type_: str, served: Served) -> None:
    text = call(type_)
    status, _, body = served.post(text, {**CALL, **call_key().question(text)})
    answer = say.read_reply(body).answer
    assert status == 200
    assert isinstance(answer, say.Failed)
    assert f"carries no connector for the type {type_}; it carries: " in answer.failure.evidence
    assert answer.failure.reason == "connector_crashed"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b'{"version":2,"type":"in-memory","question":{"kind":"describe"}}',
        b'{"version":1,"type":"in-memory","question":{"kind":"describe"},"more":1}',
        b'{"version":1,"type":"in-memory","question":{"kind":"run","code":"1"}}',
        b'{"version":1,"type":"../in-memory","question":{"kind":"describe"}}',
        b'{"version":1,"type":"in-memory","question":{"kind":"is_over","cause":7}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_call_is_answered_as_that_and_repeats_nothing(text: bytes, served: Served) -> None:
    status, _, body = served.post(text, {**CALL, **call_key().question(text)})
    answer = say.read_reply(body).answer
    assert status == 200
    assert isinstance(answer, say.Failed)
    assert answer.failure.evidence.startswith("the call cannot be read: ")
    assert len(body) < 500


def test_a_body_over_the_limit_is_refused(served: Served) -> None:
    text = call(projects=["a" * 100] * 25_000)
    assert served.post(text, {**CALL, **call_key().question(text)})[0] == 413


@pytest.mark.parametrize(
    ("headers", "body"), [({}, b""), ({"Content-Type": "application/json"}, call()), ({"Ce-Id": "1"}, b"{}")]
)
def test_what_is_neither_a_call_nor_an_event_is_refused(headers, body: bytes, served: Served) -> None:
    assert served.post(body, headers)[0] == 400
    assert served.post(b"", {}, method="GET")[0] == 404


def test_without_a_key_no_call_is_believed(deployed: Deployment) -> None:
    bare = {name: value for name, value in deployed.environment.items() if name != "CONNECTOR_CALL_KEY"}
    with here(Deployment(deployed.folder, bare)), pytest.MonkeyPatch.context() as patch:
        patch.delenv("CONNECTOR_CALL_KEY", raising=False)
        with pytest.raises(Exception, match="answers no calls over HTTP"):
            bootstrap.connector_calls().posted(call_key().question(call()), call())


def test_an_answer_that_is_not_the_functions_is_not_believed() -> None:
    """Somebody between the two answers in the function's place, with an answer of its own or one seen before."""
    faked = say.Reply(answer=say.Alive(alive=True)).model_dump_json().encode()
    seen = call_key().answer("another question", faked)
    lines = "".join(f"{name}: {value}\r\n" for name, value in seen.items())
    for fields in ("", lines):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(faked)}\r\n{fields}\r\n"
        with listening(answering(head.encode() + faked)) as between:
            line = HttpLine(f"http://{between.authority}/", call_key())
            with pytest.raises(LineBroken, match="not proven"):
                line.ask("in-memory", call())


def test_the_messages_and_the_log_hold_no_secret(remote) -> None:
    host, line, served = remote
    secret_call = ConnectorCall(tenant_id="acme", type="toy", config={}, auth_ref_uri="authref://file/token")
    crashing = ConnectorCall(
        tenant_id="acme", type="toy", config={"fails": "crash"}, auth_ref_uri="authref://file/token"
    )
    assert host.discover(secret_call, "things", None).items
    with pytest.raises(CheckFailed, match="RuntimeError"):
        host.discover(crashing, "things", None)
    assert len(line.said) >= 4
    assert CANARY.encode() not in b"".join(line.said)
    assert b"authref://file/token" in b"".join(line.said)
    assert "a bug: ***" in served.log.read_text()
    assert CANARY not in served.log.read_text()
    assert KEY not in served.log.read_text()
    assert KEY not in repr(vars(line.line))


def test_on_lambda_a_call_is_what_was_invoked_and_a_queue_cannot_make_one(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message of a queue that looks like a call stays a message: it goes to the dead letters."""
    function, context = load_function("run_connector"), SimpleNamespace(aws_request_id="1")
    monkeypatch.setenv("WORKER_DATABASE_URL", "postgresql://hub_worker@127.0.0.1:1/nothing")  # it is not asked
    with here(deployed):
        said = function.lambda_handler({"connectorCall": call().decode()}, context)
        assert "scripted: healthy" in json.loads(said["connectorAnswer"])["answer"]["result"]["steps"][0]["evidence"]
        wrong = function.lambda_handler({"connectorCall": {"type": "in-memory"}}, context)
        assert json.loads(wrong["connectorAnswer"])["answer"]["kind"] == "failed"
        message = {"messageId": "m-1", "body": json.dumps({"connectorCall": call().decode()})}
        queued = function.lambda_handler({"Records": [message]}, context)
        assert queued == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_types_beyond_the_list_are_never_called() -> None:
    class Line:
        def ask(self, type_: str, call: bytes) -> bytes:
            raise AssertionError(type_)

    host = RemoteHost(TYPES, Line(), lambda _: None, at_once=1)
    for type_ in ("nobody", "../../admin", "in-memory}", "{type}"):
        job = CheckJob(tenant_id="acme", type=type_, config={}, auth_ref_uri=None)
        assert "is installed" in host.submit(job).result(5).steps[0].evidence


class Describing:
    """Functions that describe themselves as whatever they like; the walls are told by type."""

    def __init__(self, *records: PluginRecord, **walls: Strangers) -> None:
        self._records, self._walls = records, walls

    def ask(self, type_: str, _call: bytes) -> bytes:
        isolation = Isolation(self._walls.get(type_, Strangers.CONFINED), ())
        return say.Reply(answer=say.Described(plugins=self._records, isolation=isolation)).model_dump_json().encode()


def test_from_the_function_of_a_type_no_other_type_is_believed() -> None:
    taken = PluginRecord(plugin_id="taken-over", path="x", type="github", category="scm", version="1", sha256="0" * 64)
    plugins = RemotePlugins(["toy"], RemoteHost(["toy"], Describing(taken), lambda _: None, at_once=1), list)
    assert [(one.plugin_id, str(one.state)) for one in plugins.scan()] == [("function of toy", "rejected")]


@pytest.mark.parametrize("weak", [Strangers.UNCONFINED, Strangers.REFUSED])
def test_the_weakest_walls_are_told(weak: Strangers) -> None:
    types = ["first", "weak", "last"]
    plugins = RemotePlugins(types, RemoteHost(types, Describing(weak=weak), lambda _: None, at_once=1), list)
    assert plugins.isolation().strangers is weak
