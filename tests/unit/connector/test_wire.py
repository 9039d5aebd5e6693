"""The protocol between the hub and an isolated connector: what is said survives, what is not in it is refused."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime

import pytest

from integrations_hub.connector import from_child, from_hub
from integrations_hub.connector.contract import Connector
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import Described, HeaderField, Send
from integrations_hub.connector.from_hub import Grant, Job, Reply, VerifyEvent
from integrations_hub.connector.http import Sender
from integrations_hub.connector.messages import Failure, Message
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.remote import RemoteSender
from integrations_hub.connector.wire import ProtocolBroken, handshake, read_handshake
from integrations_hub.connector.worker import OPERATIONS

SECRET = "not-a-real-secret-1"


def test_a_handshake_names_the_walls():
    assert read_handshake(handshake(["files", "limits"])) == {"files", "limits"}


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"hello", b"[" * 99999, handshake(["Files"]), handshake(["a"] * 17)]
)
def test_what_is_no_handshake_is_refused_without_repeating_it(line):
    with pytest.raises(ProtocolBroken) as refused:
        read_handshake(line)
    assert "hello" not in str(refused.value)


@pytest.mark.parametrize(
    ("message", "read"),
    [
        (
            Job(
                plugin="a:B",
                seconds=1.5,
                task=VerifyEvent(
                    config={"a": [1]}, headers=(("x", "ü"),), body=b"\0\xff", received_at=datetime.now(UTC)
                ),
            ),
            from_hub.from_hub,
        ),
        (Grant(fields={"token": SECRET}, allowed_hosts=("a",), webhook_secrets=(SECRET,)), from_hub.from_hub),
        (Reply(number=3, status=200, headers=(("a", "b"),), body=bytes(range(256)), excerpt="…"), from_hub.from_hub),
        (
            Send(
                number=0,
                beyond=("https://a.example",),
                method="POST",
                path="x",
                params={"a": "b"},
                headers=(HeaderField(name="Authorization", value=f"Bearer {SECRET}", secret=True),),
                auth=(SECRET, SECRET),
                content=b"\0",
            ),
            from_child.from_child,
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else "",
)
def test_a_message_survives_the_line_and_its_repr_holds_no_secret(message, read):
    assert read(message.line()) == message
    assert message.line().count(b"\n") == 1
    assert SECRET not in repr(message)


def test_a_failure_survives_the_line():
    failure = CheckFailed(Reason.TLS_ERROR, "seen", "do", step=StepName.TLS, retry_after_s=3.0)
    back = Failure.model_validate_json(Failure.of(failure).line()).error()
    assert vars(back) == vars(failure)


@pytest.mark.parametrize(
    "schema",
    [
        {"a": float("nan")},
        {"a": "\0"},
        {"a\0": 1},
        {"a": "x" * 300_000},
        json.loads('{"a":' + "[" * 70 + "]" * 70 + "}"),
    ],
    ids=["NaN", "NUL", "NUL in a name", "too large", "too deep"],
)
def test_a_document_the_database_would_not_take_is_refused(schema):
    described = {
        "kind": "described",
        "type": "toy",
        "category": "test",
        "version": "1.0.0",
        "capabilities": [],
        "credential": "none",
        "config_schema": schema,
    }
    with pytest.raises(ProtocolBroken):
        from_child.from_child(json.dumps(described).encode())
    assert isinstance(from_child.from_child(json.dumps({**described, "config_schema": {"a": 1}}).encode()), Described)


def test_the_remote_sender_has_the_interface_of_the_sender():
    def interface(kind: type) -> dict[str, object]:
        public = {name: member for name, member in vars(kind).items() if not name.startswith("_")}
        return {**{name: _parameters(member) for name, member in public.items()}, **inspect.get_annotations(kind)}

    assert interface(RemoteSender) == interface(Sender)


def _parameters(member: object) -> object:
    if isinstance(member, property):
        return "property"
    assert callable(member)
    return [(one.name, one.kind, one.default) for one in inspect.signature(member).parameters.values()]


def test_every_operation_of_the_contract_goes_over_the_wire():
    asked = {"check_health", "discover", "setup_webhook", "verify_event"}
    described = {"validate_config", "config_schema", "capabilities", "endpoint", "target"}
    public = {name for name, member in vars(Connector).items() if not name.startswith("_") and not _is_word(member)}
    assert public == asked | described
    assert len(OPERATIONS) == len(asked) + 2


def _is_word(member: object) -> bool:
    return not (callable(member) or isinstance(member, property))
