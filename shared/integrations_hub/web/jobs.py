"""Turn one job into the two functions the runtimes call on a schedule, or for a message.

    lambda_handler, cloud_event = expose_job(sweep_health)

A job that fails raises: the queue, the broker or the schedule tries again. What the runtime prints then holds the
trace id only; the cause is in the log, redacted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias, cast

from integrations_hub.observability import traces
from integrations_hub.observability.logs import log_keys
from integrations_hub.observability.sinks import sinks
from integrations_hub.observability.trace_context import trace_id

__all__ = ["CloudEvent", "CloudEventFace", "JobEvent", "JobFace", "JobFailed", "expose_job"]

_log = logging.getLogger(__name__)

Job: TypeAlias = "Callable[[JobEvent], dict[str, object]]"
JobFace: TypeAlias = Callable[[Mapping[str, object], object], dict[str, object]]


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Why a job runs. `data` is a CloudEvent's data, a scheduled event's detail, or an SQS event untouched.

    `traceparent` is that of the run, `parent` that of whoever caused it. `remaining_s` is the time left until the
    runtime ends it, None where the runtime does not say.
    """

    id: str
    type: str
    time: datetime
    data: object
    traceparent: str = ""
    remaining_s: float | None = None
    parent: str = ""

    @property
    def messages(self) -> dict[str, Any]:
        """Return the JSON bodies of the messages a queue delivered, by message id; one that is no JSON is None."""
        if self.type != "aws.sqs":
            return {self.id: self.data}
        return {record["messageId"]: _json(record["body"]) for record in self._records()}

    @property
    def traceparents(self) -> dict[str, str]:
        """Return the traces a queue's messages brought with them, by message id."""
        said = {one["messageId"]: one.get("messageAttributes", {}).get("traceparent", {}) for one in self._records()}
        return {message: str(attribute.get("stringValue") or "") for message, attribute in said.items()}

    def _records(self) -> Sequence[Mapping[str, Any]]:
        is_queue = self.type == "aws.sqs"
        return cast("Mapping[str, Any]", self.data)["Records"] if is_queue else ()


class JobFailed(Exception):
    """A job did not end well; its message is for the runtime's own log."""


class CloudEvent(Protocol):
    """The part of `cloudevents.http.CloudEvent` that is read."""

    data: object

    def get(self, key: str) -> object:
        """Return an attribute, or None."""


CloudEventFace: TypeAlias = Callable[[CloudEvent], None]


def expose_job(job: Callable[[JobEvent], dict[str, object]]) -> tuple[JobFace, CloudEventFace]:
    """Return `(lambda_handler, cloud_event)`; on Lambda the job's answer is returned (`batchItemFailures`, counts)."""

    def lambda_handler(event: Mapping[str, object], context: object) -> dict[str, object]:
        return _run(job, _from_lambda(event, context))

    def cloud_event(event: CloudEvent) -> None:
        _run(job, _from_cloud_event(event))

    return lambda_handler, cloud_event


def _run(job: Job, event: JobEvent) -> dict[str, object]:
    trace = trace_id(event.traceparent)
    name = job.__name__
    span = traces.begun(name, traces.Kind.CONSUMER, event.traceparent, event.parent, action=name)
    with log_keys(requestId=event.id, traceId=trace, action=name), traces.entered(span):
        try:
            answer = job(event)
        except Exception as error:  # noqa: BLE001 - the outermost wall
            span.failed = True
            _log.error("job failed", exc_info=error, extra={"eventType": event.type})
        else:
            _log.info("job", extra={"eventType": event.type})
            return answer
        finally:
            traces.end(span)
            sinks().event_over()
    raise JobFailed(f"{name} failed; trace {trace}")


def _from_lambda(event: Mapping[str, object], context: object) -> JobEvent:
    """Read an EventBridge event (`detail` is its data); anything else, an SQS event too, is data as a whole."""
    scheduled = "detail-type" in event
    kind = event["detail-type"] if scheduled else "aws.sqs" if "Records" in event else "aws.lambda"
    return JobEvent(
        id=str(event.get("id") or getattr(context, "aws_request_id", "")),
        type=str(kind),
        time=_time(event.get("time")),
        data=event.get("detail") if scheduled else event,
        traceparent=traces.ours(None),
        remaining_s=_remaining_s(context),
    )


def _from_cloud_event(event: CloudEvent) -> JobEvent:
    parent = str(event.get("traceparent") or "")
    return JobEvent(
        id=str(event.get("id")),
        type=str(event.get("type")),
        time=_time(event.get("time")),
        data=event.data,
        traceparent=traces.ours(parent),
        parent=parent,
    )


def _remaining_s(context: object) -> float | None:
    """Return what Lambda's own clock leaves, less a second to answer in."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return max(left() / 1000 - 1.0, 0.0) if left else None


def _json(body: str) -> object:
    try:
        return cast("object", json.loads(body))
    except ValueError:
        return None


def _time(text: object) -> datetime:
    """Read an RFC 3339 time; now, where there is none."""
    return datetime.fromisoformat(str(text)) if text else datetime.now(UTC)
