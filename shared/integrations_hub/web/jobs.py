"""Turn one job into the two functions the runtimes call on a schedule, or for a message.

    lambda_handler, cloud_event = expose_job(sweep_health)

A job that fails raises: the queue, the broker or the schedule tries again. What the runtime prints then holds the
trace id only; the cause is in the log, redacted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias, cast

from integrations_hub.observability.logs import log_keys
from integrations_hub.web.trace_context import continue_trace, trace_id

__all__ = ["CloudEvent", "CloudEventFace", "JobEvent", "JobFace", "JobFailed", "expose_job"]

_log = logging.getLogger(__name__)

Job: TypeAlias = "Callable[[JobEvent], dict[str, object]]"
JobFace: TypeAlias = Callable[[Mapping[str, object], object], dict[str, object]]


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Why a job runs. `data` is a CloudEvent's data, a scheduled event's detail, or an SQS event untouched."""

    id: str
    type: str
    time: datetime
    data: object
    traceparent: str = ""


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
    with log_keys(requestId=event.id, traceId=trace, action=job.__name__):
        try:
            answer = job(event)
        except Exception as error:  # noqa: BLE001 - the outermost wall
            _log.error("job failed", exc_info=error, extra={"eventType": event.type})
        else:
            _log.info("job", extra={"eventType": event.type})
            return answer
    raise JobFailed(f"{job.__name__} failed; trace {trace}")


def _from_lambda(event: Mapping[str, object], context: object) -> JobEvent:
    """Read an EventBridge event (`detail` is its data); anything else, an SQS event too, is data as a whole."""
    scheduled = "detail-type" in event
    kind = event["detail-type"] if scheduled else "aws.sqs" if "Records" in event else "aws.lambda"
    return JobEvent(
        id=str(event.get("id") or getattr(context, "aws_request_id", "")),
        type=str(kind),
        time=_time(event.get("time")),
        data=event.get("detail") if scheduled else event,
        traceparent=continue_trace(None),
    )


def _from_cloud_event(event: CloudEvent) -> JobEvent:
    return JobEvent(
        id=str(event.get("id")),
        type=str(event.get("type")),
        time=_time(event.get("time")),
        data=event.data,
        traceparent=continue_trace(cast("str | None", event.get("traceparent"))),
    )


def _time(text: object) -> datetime:
    """Read an RFC 3339 time; now, where there is none."""
    return datetime.fromisoformat(str(text)) if text else datetime.now(UTC)
