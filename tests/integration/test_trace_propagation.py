"""Sweep, worker and alert are one trace, however the checks travel: in process, over SQS, as CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from cloudevents.http import CloudEvent

from integrations_hub.dispatch.cloudevents_sink import CloudEventsSink
from integrations_hub.dispatch.sqs import SqsQueue
from integrations_hub.events.channels import Posted, SinkChannel, WebhookChannel
from integrations_hub.events.kick import no_kick
from integrations_hub.events.sending import Sending
from integrations_hub.events.service import DeliveryService
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.messages import CheckMessages
from integrations_hub.health.ports import CheckQueue
from integrations_hub.health.sweep import Queued, SweepService
from integrations_hub.storage.memory import MemoryOutbox, MemorySweep
from integrations_hub.web import JobEvent, expose_job
from tests.support.aws import aws_at, client, moto_server
from tests.support.collector import Collector
from tests.support.in_memory_hub import InMemoryHub
from tests.support.receiver import Receiver
from tests.support.telemetry import collected

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TICK = {"id": "tick-1", "source": "/tests", "type": "test.tick", "traceparent": f"00-{TRACE}-{PARENT}-01"}
EXPIRED = {"script": [{"do": "expired"}]}  # unhealthy at once
CONTEXT = SimpleNamespace(aws_request_id="run-1", get_remaining_time_in_millis=lambda: 30_000)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collected() as collector:
        yield collector


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def sweep_with(hub: InMemoryHub, queue: CheckQueue | None = None) -> None:
    """Sweep as a schedule does, in the schedule's trace."""
    store = MemorySweep(hub.memory)
    service = SweepService(Incidents(hub.incidents, hub.host), Queued(store, queue, hub.now)) if queue else hub.sweep

    def sweep_health(_event: JobEvent) -> dict[str, object]:
        service.sweep_health()
        return {}

    expose_job(sweep_health)[1](CloudEvent(TICK, {}))


def worker_of(hub: InMemoryHub) -> tuple[Callable[..., dict[str, object]], Callable[[Any], None]]:
    messages = CheckMessages(MemorySweep(hub.memory), hub.worker)

    def run_connector(event: JobEvent) -> dict[str, object]:
        again = messages.run_connector(event.messages, event.remaining_s, event.traceparents)
        return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}

    return expose_job(run_connector)


def delivered(hub: InMemoryHub) -> list[tuple[Mapping[str, str], Mapping[str, Any]]]:
    """Deliver what is in the outbox to a webhook and a sink; return what each was sent."""
    sent: list[tuple[Mapping[str, str], Mapping[str, Any]]] = []

    def post(url: str, headers: dict[str, str], body: bytes) -> Posted:
        sent.append((headers, json.loads(body)))
        return Posted(202)

    channels = {
        "webhook": WebhookChannel("https://receiver.example", [], "hub", post, hub.now),
        "knative": SinkChannel("http://sink.example", {}, "hub", post),
    }
    outbox = MemoryOutbox(hub.memory, list(channels))
    sending = Sending(channels, None)  # no tenant has a route of its own here
    DeliveryService(outbox, sending, no_kick, 100, hub.now).deliver_events()
    return sent


def is_one_trace(collector: Collector, hub: InMemoryHub, one: Any, spans: tuple[str, ...]) -> None:
    alerts = [sent for sent in delivered(hub) if sent[1]["severity"] == "alert"]
    found = [collector.span(name) for name in spans]
    check = collector.span("check", integrationId=str(one.id))
    alert = collector.span("deliver", integrationId=str(one.id), severity="alert")
    assert {span.trace_id.hex() for span in (*found, check, alert)} == {TRACE}
    assert collector.span("sweep_health").parent_span_id.hex() == PARENT
    assert check.parent_span_id in {span.span_id for span in found}
    assert {headers["traceparent"][3:35] for headers, _ in alerts} == {TRACE}
    assert {event["traceparent"] for _, event in alerts} == {headers["traceparent"] for headers, _ in alerts}
    assert len(alerts) == 2


def test_in_process(hub: InMemoryHub, collector: Collector) -> None:
    one = hub.register(config=EXPIRED)
    sweep_with(hub)
    is_one_trace(collector, hub, one, ("sweep_health",))


def test_over_sqs(hub: InMemoryHub, collector: Collector) -> None:
    one = hub.register(config=EXPIRED)
    with moto_server() as url, aws_at(url):
        sqs = client("sqs")
        queue: str = sqs.create_queue(QueueName=f"{uuid4().hex}-in-memory")["QueueUrl"]
        sweep_with(hub, SqsQueue(queue.replace("in-memory", "{type}")))
        (message,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=5)["Messages"]
    handler, _ = worker_of(hub)
    attributes = {
        name: {"stringValue": said["StringValue"], "dataType": said["DataType"]}
        for name, said in message["MessageAttributes"].items()
    }
    record = {"messageId": "m-1", "body": message["Body"], "messageAttributes": attributes}
    foreign = {"messageId": "m-2", "body": "{}", "messageAttributes": {"traceparent": {"dataType": "Binary"}}}
    # a message of nobody's, with an attribute of another type, changes nothing
    assert handler({"Records": [record, foreign]}, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    is_one_trace(collector, hub, one, ("sweep_health",))


def test_as_cloud_events(hub: InMemoryHub, collector: Collector) -> None:
    one = hub.register(config=EXPIRED)
    with Receiver().serving() as sink:
        sweep_with(hub, CloudEventsSink(sink.url, "https://hub.example"))
    (event,) = sink.got
    attributes = {name[3:]: value for name, value in event.headers.items() if name.startswith("ce-")}
    worker_of(hub)[1](CloudEvent(attributes, json.loads(event.body)))
    is_one_trace(collector, hub, one, ("sweep_health", "run_connector"))


def test_without_a_collector_the_trace_goes_on_all_the_same(hub: InMemoryHub) -> None:
    hub.register(config=EXPIRED)
    sweep_with(hub)
    assert {event["traceparent"][3:35] for _, event in delivered(hub) if event["severity"] == "alert"} == {TRACE}
