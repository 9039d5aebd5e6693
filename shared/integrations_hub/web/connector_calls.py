"""Turn the function that runs connectors into what the runtimes call: for a queue's messages, and for calls.

    lambda_handler, http = expose_connector(run_connector, bootstrap.connector_calls, bootstrap.plugin_jobs)

On Lambda `{"connectorCall": …}` is a call, which IAM let through, `{"pluginJob": …}` one for a stranger's function, and
anything else a job's event. Over HTTP a call is
a POST of its own media type, signed; a CloudEvent of a Broker or a Channel comes to the same address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from integrations_hub.connector.redaction import one_call
from integrations_hub.errors import BadRequest, HubError, NotFound, PayloadTooLarge
from integrations_hub.observability.logs import log_keys
from integrations_hub.web import functions_framework
from integrations_hub.web.jobs import CloudEventFace, Job, JobFace, JobFailed, expose_job
from integrations_hub.web.messages import Request, Response
from integrations_hub.web.probes import answer_probe
from integrations_hub.web.problem import foreseen, problem

__all__ = ["CALL_TYPE", "Calls", "PluginJobs", "expose_connector"]

CALL_TYPE = "application/vnd.integrations-hub.call+json"
_log = logging.getLogger(__name__)
_MAX_BODY = 2 << 20
_PlainFace = Callable[[functions_framework.FlaskRequest], functions_framework.Answer]


class Calls(Protocol):
    """Answers calls."""

    def invoked(self, text: bytes) -> bytes:
        """Answer a call of Lambda's own."""

    def posted(self, headers: Mapping[str, str], body: bytes) -> tuple[Mapping[str, str], bytes]:
        """Answer a call over HTTP: header fields and body.

        Raises:
            Forbidden: the call is not proven.
        """


class PluginJobs(Protocol):
    """Does the jobs of a stranger's own function."""

    def run(self, event: Mapping[str, object]) -> dict[str, object]:
        """Do the job of an event, and say what came of it."""


def expose_connector(
    job: Job, calls: Callable[[], Calls], plugin_jobs: Callable[[], PluginJobs]
) -> tuple[JobFace, _PlainFace]:
    """Return `(lambda_handler, http)`; `calls` and `plugin_jobs` are asked for with the first of each."""
    on_lambda, on_cloud_event = expose_job(job)

    def lambda_handler(event: Mapping[str, object], context: object) -> dict[str, object]:
        if "connectorCall" not in event and "pluginJob" not in event:
            return on_lambda(event, context)
        with log_keys(requestId=str(getattr(context, "aws_request_id", "")), action=job.__name__):
            if "pluginJob" in event:
                return plugin_jobs().run(event)
            return {"connectorAnswer": calls().invoked(str(event["connectorCall"]).encode()).decode()}

    def posted(request: Request) -> Response:
        if len(request.body) > _MAX_BODY:
            raise PayloadTooLarge(f"The body is over {_MAX_BODY} bytes. Send less.")
        if request.headers.get("content-type") == CALL_TYPE:
            headers, answer = calls().posted(request.headers, request.body)
            return Response(200, {"Content-Type": CALL_TYPE, **headers}, answer)
        _take(request, on_cloud_event)
        return Response(204)  # to a Broker, any body would be an event in answer

    def http(request: functions_framework.FlaskRequest) -> functions_framework.Answer:
        incoming = functions_framework.from_flask(request, _MAX_BODY)
        with one_call(), log_keys(requestId=incoming.request_id, traceId=incoming.trace_id, action=job.__name__):
            try:
                response = posted(incoming) if incoming.method == "POST" else _probed(incoming)
            except Exception as error:  # noqa: BLE001 - the outermost wall: whatever happens has an answer
                response = _refusal(error, incoming)
        return functions_framework.to_answer(response)

    return lambda_handler, http


def _probed(request: Request) -> Response:
    response = answer_probe(request)
    if response is None:
        raise NotFound("This function takes calls and CloudEvents by POST.")
    return response


def _refusal(error: Exception, request: Request) -> Response:
    if not isinstance(error, HubError | JobFailed):  # which are told, or logged, where they come from
        _log.error("unforeseen", exc_info=error)
    return problem(foreseen(error), request)


def _take(request: Request, cloud_event: CloudEventFace) -> None:
    from cloudevents.exceptions import GenericException  # noqa: PLC0415 - never on Lambda
    from cloudevents.http import from_http  # noqa: PLC0415 - as above

    try:
        event = from_http(dict(request.headers), request.body)
    except GenericException:
        raise BadRequest("This is neither a call nor a CloudEvent.") from None
    cloud_event(event)
