"""SNS, EventBridge, SQS kicks against moto through the real boto3, and a Knative sink over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from cloudevents.http import from_http, from_json

from integrations_hub.channels.aws import EventBridgeChannel, SnsChannel, client_of
from integrations_hub.channels.kicks import SinkKick, SqsKick
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.transport import Transport
from integrations_hub.events.channels import SinkChannel
from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import Event, EventType, OutboxItem, Severity
from integrations_hub.events.post import GuardedPost
from integrations_hub.loop import BackgroundLoop
from integrations_hub.observability.traces import within
from tests.support.aws import aws_at, client, moto_server
from tests.support.receiver import Receiver

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOURCE = "https://hub.example"


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    with moto_server() as url, aws_at(url):
        yield


@pytest.fixture(scope="module")
def post() -> Iterator[GuardedPost]:
    made = GuardedPost(Transport(EgressPolicy(parse_allow_list("127.0.0.0/8"))), BackgroundLoop())
    yield made
    made.loop.submit(made.transport.close()).result()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as serving:
        yield serving


def item(**data: object) -> OutboxItem:
    event = Event(EventType.HEALTH_CHANGED, uuid4(), {"to": "unhealthy", **data}, Severity.ALERT)
    return OutboxItem(event, "acme", 7, NOW, 0, uuid4())


def queue(**attributes: str) -> tuple[str, str]:
    sqs, name = client("sqs"), f"q-{uuid4().hex[:8]}" + (".fifo" if attributes else "")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def messages(url: str, count: int = 1) -> list[dict[str, Any]]:
    """Return so many messages, and any beyond them."""
    found: list[dict[str, Any]] = []
    for _ in range(30):
        wait_s = int(len(found) < count)
        got = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s)
        found += got.get("Messages", [])
        if not wait_s and "Messages" not in got:
            break
    return found


# --- SNS ---


def topic(name: str, queue_arn: str, **attributes: str) -> str:
    sns = client("sns")
    arn: str = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return arn


def test_sns_carries_cloud_events_with_attributes_to_filter_by():
    url, arn = queue()
    items = [item() for _ in range(10)]
    assert SnsChannel(topic("events", arn), SOURCE, lambda: client_of("sns")).send(items) == {}
    told = [json.loads(one["Body"]) for one in messages(url, 10)]
    events = [from_json(one["Message"]) for one in told]
    assert {one["id"] for one in events} == {str(one.event.id) for one in items}
    assert told[0]["MessageAttributes"]["severity"]["Value"] == "alert"
    assert told[0]["MessageAttributes"]["tenantid"]["Value"] == "acme"


def test_a_fifo_topic_takes_a_repeat_once_and_keeps_an_integration_s_order():
    url, arn = queue(FifoQueue="true", ContentBasedDeduplication="false")
    channel = SnsChannel(topic("events.fifo", arn, FifoTopic="true"), SOURCE, lambda: client_of("sns"))
    one = item()
    for _ in range(2):
        assert channel.send([one]) == {}
    (message,) = messages(url)
    assert json.loads(json.loads(message["Body"])["Message"])["id"] == str(one.event.id)


def test_a_topic_that_is_not_there_fails_and_says_what_aws_said():
    nowhere = "arn:aws:sns:eu-central-1:123456789012:nowhere"
    one = item()
    failed = SnsChannel(nowhere, SOURCE, lambda: client_of("sns")).send([one])
    assert list(failed) == [one.lease]
    assert "NotFound" in str(failed[one.lease])


def test_an_event_too_large_is_refused_and_those_beside_it_go_in_as_many_calls_as_it_takes():
    url, arn = queue()
    large, fit = item(text="x" * 260_000), [item(text="x" * 100_000) for _ in range(4)]
    failed = SnsChannel(topic("large", arn), SOURCE, lambda: client_of("sns")).send([large, *fit])
    assert list(failed) == [large.lease]
    assert isinstance(failed[large.lease], DeliveryRefused)
    assert len(messages(url, 4)) == 4


def test_aws_away_is_a_failed_delivery():
    with aws_at("http://127.0.0.1:1"):
        sns = client_of("sns")
    failed = SnsChannel("arn:aws:sns:eu-central-1:123456789012:x", SOURCE, lambda: sns).send([one := item()])
    assert "EndpointConnectionError" in str(failed[one.lease])


# --- EventBridge ---


def bus(target_arn: str) -> str:
    events, name = client("events"), f"bus-{uuid4().hex[:8]}"
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["integrations-hub"]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "q", "Arn": target_arn}])
    return name


def test_eventbridge_carries_the_cloud_event_as_detail():
    url, arn = queue()
    one = item()
    assert EventBridgeChannel(bus(arn), SOURCE, lambda: client_of("events")).send([one]) == {}
    (message,) = messages(url)
    put = json.loads(message["Body"])
    assert (put["source"], put["detail-type"]) == ("integrations-hub", "integration.health_changed")
    event = from_json(json.dumps(put["detail"]))
    assert (event["id"], event["subject"]) == (str(one.event.id), str(one.event.integration_id))


@pytest.fixture
def half_of_it() -> Iterator[str]:
    """A service that takes the first entry and refuses the second, with status 200, as PutEvents does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            entries = [{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "slower"}]
            body = json.dumps({"FailedEntryCount": 1, "Entries": entries}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_of_a_put_that_was_taken_in_part_the_rest_has_failed(half_of_it):
    with aws_at(half_of_it):
        events = client_of("events")
    taken, refused = item(), item()
    failed = EventBridgeChannel("bus", SOURCE, lambda: events).send([taken, refused])
    assert list(failed) == [refused.lease]
    assert "ThrottlingException" in str(failed[refused.lease])
    assert not isinstance(failed[refused.lease], DeliveryRefused)


# --- Knative ---


def test_a_sink_gets_cloud_events_with_the_extensions_of_its_binding(post, receiver):
    receiver.reset()
    one = replace(item(), lease=UUID(int=3))
    SinkChannel(receiver.url, {"cluster": "eu-1", "id": "not this"}, SOURCE, post).send([one])
    (got,) = receiver.got
    event = from_http(got.headers, got.body)
    assert (event["id"], event["cluster"], event["severity"]) == (str(one.event.id), "eu-1", "alert")
    assert event.data == {"to": "unhealthy"}


def test_a_sink_that_is_busy_is_left_alone_as_long_as_it_asks(post, receiver):
    receiver.reset()
    receiver.status, receiver.headers = 503, {"Retry-After": "40"}
    with pytest.raises(DeliveryFailed, match="the sink answered 503") as failure:
        SinkChannel(receiver.url, {}, SOURCE, post).send([item()])
    assert failure.value.wait_s == 40


# --- kicks ---


def test_kicks_within_a_second_are_one_message_that_comes_after_all_of_them():
    url, _ = queue()
    kick = SqsKick(url)
    for _ in range(50):
        kick()
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    waiting = [attributes[f"ApproximateNumberOfMessages{which}"] for which in ("", "Delayed", "NotVisible")]
    assert sum(map(int, waiting)) == 1
    assert int(attributes["ApproximateNumberOfMessagesDelayed"]) == 1


def test_a_kick_takes_its_trace_along():
    url, _ = queue()
    with within(TRACEPARENT):
        SqsKick(url)()
    asked = {"QueueUrl": url, "WaitTimeSeconds": 5, "MessageAttributeNames": ["All"]}
    (message,) = client("sqs").receive_message(**asked)["Messages"]
    assert message["MessageAttributes"]["traceparent"]["StringValue"] == TRACEPARENT


def test_a_queue_that_is_away_fails_nobody_and_is_told(caplog):
    with aws_at("http://127.0.0.1:1"):
        SqsKick("http://127.0.0.1:1/123456789012/away")()
    assert "a kick was not heard" in caplog.text


def test_a_kick_to_a_sink_is_a_cloud_event_without_data(post, receiver):
    receiver.reset()
    kick = SinkKick(receiver.url, SOURCE, post)
    with within(TRACEPARENT):
        for _ in range(50):
            kick()
    post.loop.submit(_nothing()).result()
    while not receiver.got:
        post.loop.submit(_nothing()).result()
    event = from_http(receiver.got[0].headers, receiver.got[0].body)
    assert (event["type"], event.data) == ("hub.events_waiting", None)
    assert event["traceparent"] == TRACEPARENT
    assert len(receiver.got) < 50


async def _nothing() -> None:
    """Let the loop go once around."""
