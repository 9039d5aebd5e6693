import io
import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from integrations_hub.observability.logs import configure
from integrations_hub.web import JobEvent, expose_job
from integrations_hub.web.jobs import JobFailed

CONTEXT = SimpleNamespace(aws_request_id="run-1")
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Recorder:
    """A job that keeps what it was given."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []

    def job(self, event: JobEvent) -> dict[str, object]:
        self.events.append(event)
        return {"done": len(self.events)}


def test_a_scheduled_event_of_eventbridge() -> None:
    recorder = Recorder()
    handler, _ = expose_job(recorder.job)
    event = {
        "id": "e-1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2024-05-06T07:08:09Z",
        "detail": {"a": 1},
    }
    assert handler(event, CONTEXT) == {"done": 1}
    got = recorder.events[0]
    assert (got.id, got.type, got.data) == ("e-1", "Scheduled Event", {"a": 1})
    assert got.time == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_an_sqs_event_is_handed_on_untouched_and_its_answer_back() -> None:
    recorder = Recorder()
    handler, _ = expose_job(lambda event: {"batchItemFailures": [], **recorder.job(event)})
    event = {"Records": [{"messageId": "m-1", "body": "{}"}]}
    assert handler(event, CONTEXT) == {"batchItemFailures": [], "done": 1}
    assert (recorder.events[0].id, recorder.events[0].type) == ("run-1", "aws.sqs")
    assert recorder.events[0].data is event


def test_any_other_event_is_data() -> None:
    recorder = Recorder()
    handler, _ = expose_job(recorder.job)
    handler({}, CONTEXT)
    assert recorder.events[0].data == {}
    assert recorder.events[0].time.tzinfo is UTC


def test_a_cloud_event() -> None:
    recorder = Recorder()
    _, cloud_event = expose_job(recorder.job)
    attributes = {
        "id": "c-1",
        "type": "tick",
        "source": "/here",
        "time": "2024-05-06T07:08:09+00:00",
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
    }
    cloud_event(CloudEvent(attributes, {"a": 1}))
    got = recorder.events[0]
    assert (got.id, got.type, got.data, got.time.year) == ("c-1", "tick", {"a": 1}, 2024)
    assert TRACE in got.traceparent


def test_a_job_that_fails_raises_without_its_cause_which_is_logged_redacted() -> None:
    # Given
    def fails(_: JobEvent) -> dict[str, object]:
        raise RuntimeError("leaks not-a-real-secret-1")

    logger, stream = logging.getLogger("integrations_hub"), io.StringIO()
    before: Any = logger.handlers[:], logger.level, logger.propagate
    configure(stream=stream, redact=lambda text: text.replace("not-a-real-secret-1", "***"))
    # When
    with pytest.raises(JobFailed) as failed:
        expose_job(fails)[0]({}, CONTEXT)
    logger.handlers[:], logger.level, logger.propagate = before
    # Then
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    line = json.loads(stream.getvalue())
    assert line["exception"].endswith("RuntimeError: leaks ***")
    assert line["traceId"] in str(failed.value)
