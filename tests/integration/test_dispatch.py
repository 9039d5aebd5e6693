"""The sweep behind queues: SQS by moto, a CloudEvents sink on a socket, and the function that works them off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from cloudevents.http import CloudEvent

from integrations_hub.dispatch.cloudevents_sink import CHECK_DUE, CloudEventsSink
from integrations_hub.dispatch.sqs import SqsQueue
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.messages import CheckMessages
from integrations_hub.health.sweep import Queued, SweepService
from integrations_hub.storage.memory import MemorySweep
from integrations_hub.web import JobEvent, expose_job
from tests.support.aws import aws_at, client, moto_server
from tests.support.in_memory_hub import ACME, InMemoryHub


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    with moto_server() as url, aws_at(url):
        yield client("sqs")


@pytest.fixture
def queue_url(sqs) -> str:
    """The template of this test's queues; the one of the in-memory connector is there."""
    name = uuid4().hex[:8]
    url: str = sqs.create_queue(QueueName=f"checks-{name}-in-memory")["QueueUrl"]
    return url.removesuffix("in-memory") + "{type}"


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def swept_into(hub: InMemoryHub, queue) -> SweepService:
    store = MemorySweep(hub.memory)
    return SweepService(Incidents(hub.incidents, hub.host), Queued(store, queue, hub.now, pause_s=0.01))


def received(sqs, queue_url: str, count: int) -> dict[str, Any]:
    """Return what Lambda would be given: an event of SQS records."""
    url = queue_url.replace("{type}", "in-memory")
    records: list[dict[str, Any]] = []
    while len(records) < count:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        records += [{"messageId": one["MessageId"], "body": one["Body"]} for one in found]
    return {"Records": records}


def runner(hub: InMemoryHub):
    """Return the two faces of a function over the hub's parts, as functions/run_connector has them."""
    messages = CheckMessages(MemorySweep(hub.memory), hub.worker)

    def run_connector(event: JobEvent) -> dict[str, object]:
        again = messages.run_connector(event.messages, event.remaining_s)
        return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}

    return expose_job(run_connector)


def checks_of(hub: InMemoryHub, one) -> int:
    return hub.health_reader.latest(ACME, one.id).standing.checks


CONTEXT = SimpleNamespace(aws_request_id="run-1", get_remaining_time_in_millis=lambda: 30_000)


def test_the_sweep_sends_and_the_function_checks_once_however_often_it_is_delivered(hub, sqs, queue_url):
    # Given
    made = [hub.register(f"n{n}") for n in range(12)]
    # When
    report = swept_into(hub, SqsQueue(queue_url)).sweep_health()
    event = received(sqs, queue_url, 12)
    handler, _ = runner(hub)
    answers = [handler(event, CONTEXT), handler(event, CONTEXT)]
    # Then
    assert (report.claimed, report.sent, report.recorded) == (12, 12, 0)
    assert answers == [{"batchItemFailures": []}] * 2
    assert [checks_of(hub, one) for one in made] == [1] * 12


def test_a_message_holds_nothing_of_the_config(hub, sqs, queue_url):
    hub.register(authRefUri=None)
    swept_into(hub, SqsQueue(queue_url)).sweep_health()
    (record,) = received(sqs, queue_url, 1)["Records"]
    assert set(json.loads(record["body"])) == {"integrationId", "lease", "claimedAt", "type"}


def test_claims_look_ahead_and_the_queue_holds_them_back(hub, queue_url):
    # Given one that is due in 40 seconds
    sent: list[dict[str, Any]] = []

    class Client:
        def send_message_batch(self, *, QueueUrl: str, Entries: Any) -> dict[str, Any]:  # noqa: N803
            sent.extend(Entries)
            return {}

    hub.register()
    hub.sweep.sweep_health()
    due = hub.memory.state.integrations.values()
    (one,) = due
    hub.wait((one.standing.next_check_at - hub.time).total_seconds() - 40)
    # When
    report = swept_into(hub, SqsQueue(queue_url, Client)).sweep_health()
    # Then
    assert report.sent == 1
    assert [entry["DelaySeconds"] for entry in sent] == [40]


def test_a_queue_that_is_not_there_gives_its_claims_back_and_keeps_nobody_waiting(hub, sqs, queue_url):
    hub.register()
    missing = swept_into(hub, SqsQueue(queue_url.replace("checks", "missing"))).sweep_health()
    assert (missing.claimed, missing.sent, missing.given_back) == (1, 0, 1)
    assert swept_into(hub, SqsQueue(queue_url)).sweep_health().sent == 1


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"integrationId": "x", "lease": "y"}', "null", '"text"'])
def test_what_is_no_message_of_ours_is_left_to_the_dead_letter_queue(hub, body):
    handler, _ = runner(hub)
    event = {"Records": [{"messageId": "m-1", "body": body}]}
    assert handler(event, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_a_message_for_another_connector_is_not_taken_and_its_lease_stays_good(hub, sqs, queue_url):
    one = hub.register()
    swept_into(hub, SqsQueue(queue_url)).sweep_health()
    (message,) = (json.loads(record["body"]) for record in received(sqs, queue_url, 1)["Records"])
    elsewhere = CheckMessages(MemorySweep(hub.memory), hub.worker, tuple)
    here = CheckMessages(MemorySweep(hub.memory), hub.worker, lambda: ["in-memory"])
    assert elsewhere.run_connector({"m-1": message}) == ["m-1"]
    assert checks_of(hub, one) == 0
    assert here.run_connector({"m-1": message}) == []
    assert checks_of(hub, one) == 1


def test_near_the_end_of_its_time_the_function_gives_back_what_it_has_not_finished(hub, sqs, queue_url):
    # Given one that answers after ten seconds, and a function with four
    slow = hub.register("slow", config={"script": [{"do": "slow", "delayMs": 10_000}]})
    quick = hub.register("quick")
    swept_into(hub, SqsQueue(queue_url)).sweep_health()
    event = received(sqs, queue_url, 2)
    handler, _ = runner(hub)
    # When
    handler(event, SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 6_000))
    # Then the quick one is checked, and the other is due again at once
    assert checks_of(hub, quick) == 1
    assert [claim.integration_id for claim in MemorySweep(hub.memory).claim_due(10, 60)] == [slow.id]


class Sink:
    """A Knative sink on loopback: keeps the events posted to it."""

    def __init__(self) -> None:
        self.events: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 202
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if sink.status == 202:
                    sink.events.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(sink.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_knative_sink_gets_cloud_events_and_the_function_takes_them(hub, sink):
    # Given
    made = [hub.register(f"n{n}") for n in range(3)]
    # When
    report = swept_into(hub, CloudEventsSink(sink.url, "https://hub.example")).sweep_health()
    _, cloud_event = runner(hub)
    for headers, body in [*sink.events, *reversed(sink.events)]:  # each twice, and out of order
        attributes = {name: headers[f"ce-{name}"] for name in ("id", "source", "type", "subject", "connectortype")}
        cloud_event(CloudEvent(attributes, body))
    # Then
    assert report.sent == 3
    assert {headers["ce-type"] for headers, _ in sink.events} == {CHECK_DUE}
    assert {headers["ce-connectortype"] for headers, _ in sink.events} == {"in-memory"}
    assert {headers["ce-subject"] for headers, _ in sink.events} == {str(one.id) for one in made}
    assert [checks_of(hub, one) for one in made] == [1, 1, 1]


def test_a_sink_that_refuses_gives_the_claims_back(hub, sink):
    hub.register()
    sink.status = 503
    report = swept_into(hub, CloudEventsSink(sink.url, "https://hub.example")).sweep_health()
    assert (report.sent, report.given_back) == (0, 1)
    assert hub.sweep.sweep_health().recorded == 1
