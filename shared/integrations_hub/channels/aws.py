"""Amazon SNS and EventBridge: ten events a call, each answered for by itself.

Sources: docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html,
docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html. Both take 256 KiB a call, all entries together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from integrations_hub.events.cloudevents import cloud_event
from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import OutboxItem

__all__ = ["EventBridgeChannel", "SnsChannel", "client_of"]

_MOST = 250 * 1024  # bytes of a call's bodies: the rest of the 256 KiB is for attributes
_TIMEOUTS_S = (3.0, 10.0)  # to connect, to read; a repetition is the outbox's own

Client: TypeAlias = Any
"""A boto3 client."""


@dataclass(frozen=True, slots=True)
class SnsChannel:
    """Publishes to a topic; of a FIFO topic each integration is a group, and the event's id is what is deduplicated."""

    topic_arn: str
    source: str
    client: Callable[[], Client]
    at_once: int = 10

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Publish events.

        Raises:
            DeliveryFailed: none of them went out.
        """
        return _in_calls(items, self.source, self._publish)

    def _publish(self, ready: Sequence[_Ready]) -> Mapping[UUID, DeliveryFailed]:
        entries = [self._entry(nth, one) for nth, one in enumerate(ready)]
        answer = _asked(self.client(), "publish_batch", TopicArn=self.topic_arn, PublishBatchRequestEntries=entries)
        return {
            ready[int(failed["Id"])].item.lease: DeliveryFailed(f"SNS did not take it: {failed.get('Code')}")
            for failed in answer.get("Failed", ())
        }

    def _entry(self, nth: int, one: _Ready) -> dict[str, object]:
        event = one.item.event
        said = {"type": event.type, "severity": event.severity, "tenantid": one.item.tenant_id}
        entry: dict[str, object] = {
            "Id": str(nth),
            "Message": one.body,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": str(value)} for name, value in said.items()
            },
        }
        if self.topic_arn.endswith(".fifo"):
            entry |= {"MessageGroupId": str(event.integration_id), "MessageDeduplicationId": str(event.id)}
        return entry


@dataclass(frozen=True, slots=True)
class EventBridgeChannel:
    """Puts events on a bus; the CloudEvent, its id with it, is the detail."""

    bus: str
    source: str
    client: Callable[[], Client]
    at_once: int = 10

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Put events.

        Raises:
            DeliveryFailed: none of them went out.
        """
        return _in_calls(items, self.source, self._put)

    def _put(self, ready: Sequence[_Ready]) -> Mapping[UUID, DeliveryFailed]:
        entries = [
            {
                "EventBusName": self.bus,
                "Source": "integrations-hub",
                "DetailType": one.item.event.type,
                "Time": one.item.created_at,
                "Detail": one.body,
            }
            for one in ready
        ]
        answer = _asked(self.client(), "put_events", Entries=entries)  # 200 even when none was taken
        return {
            one.item.lease: DeliveryFailed(f"EventBridge did not take it: {entry['ErrorCode']}")
            for one, entry in zip(ready, answer["Entries"], strict=True)
            if entry.get("ErrorCode")
        }


def client_of(service: str) -> Client:
    """Return a boto3 client that does not repeat by itself; credentials and `AWS_ENDPOINT_URL` as boto3 finds them."""
    import boto3  # noqa: PLC0415 - for who really sends
    from botocore.config import Config  # noqa: PLC0415 - as above

    connect, read = _TIMEOUTS_S
    config = Config(connect_timeout=connect, read_timeout=read, retries={"total_max_attempts": 1})
    return boto3.client(service, config=config)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An event as it is sent."""

    item: OutboxItem
    body: str
    size: int


def _in_calls(
    items: Sequence[OutboxItem], source: str, call: Callable[[Sequence[_Ready]], Mapping[UUID, DeliveryFailed]]
) -> Mapping[UUID, DeliveryFailed]:
    """Send what fits a call together; one that fits none is refused."""
    bodies = [(item, cloud_event(item, source)) for item in items]
    ready = [_Ready(item, body.decode(), len(body)) for item, body in bodies]
    too_large = {
        one.item.lease: DeliveryRefused(f"the event has {one.size} bytes; {_MOST} fit")
        for one in ready
        if one.size > _MOST
    }
    failed: dict[UUID, DeliveryFailed] = dict(too_large)
    together: list[_Ready] = []
    for one in [one for one in ready if one.item.lease not in too_large]:
        if sum(each.size for each in together) + one.size > _MOST:
            failed.update(_called(call, together))
            together = []
        together.append(one)
    if together:
        failed.update(_called(call, together))
    return failed


def _called(
    call: Callable[[Sequence[_Ready]], Mapping[UUID, DeliveryFailed]], ready: Sequence[_Ready]
) -> Mapping[UUID, DeliveryFailed]:
    """Make one of several calls: when it fails, those of the others have arrived all the same."""
    try:
        return call(ready)
    except DeliveryFailed as failure:
        return dict.fromkeys((one.item.lease for one in ready), failure)


def _asked(client: Client, operation: str, **question: object) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - for who really sends

    try:
        answer: Mapping[str, Any] = getattr(client, operation)(**question)
    except ClientError as refusal:
        said = f"AWS answered {refusal.response.get('Error', {}).get('Code')}"
    except BotoCoreError as fault:
        said = f"AWS cannot be reached ({type(fault).__name__})"
    else:
        return answer
    raise DeliveryFailed(said)
