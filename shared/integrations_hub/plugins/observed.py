"""What is to be seen of checks: a span and a log line each, and how long they took; the same whoever runs them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from integrations_hub.connector.contract import CheckResult, Delivery, ReceivedEvent, ResourcePage, Webhook
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.health.machine import check_status
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, ConnectorHost, ValidConfig, WebhookRequest
from integrations_hub.observability import metrics, traces
from integrations_hub.observability.trace_context import trace_id

__all__ = ["ObservedHost"]

_log = logging.getLogger(__name__)
_NS_PER_MS = 1_000_000


class ObservedHost:
    """A `ConnectorHost` that hands every call on, and tells of checks: verdicts and times, no evidence."""

    def __init__(self, host: ConnectorHost) -> None:
        """Hold whoever runs connectors."""
        self._host = host

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config. See `ConnectorHost`."""
        return self._host.validate(type_, config)

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check. See `ConnectorHost`."""
        span = traces.begin("check", traces.Kind.CLIENT, job.traceparent, **_named(job))
        with traces.entered(span):
            future = self._host.submit(job)
        future.add_done_callback(partial(_ended, job, span))
        return future

    def look(self, look: Look) -> Future[CredentialFacts | None]:
        """Look at a secret. See `ConnectorHost`."""
        return self._host.look(look)

    def is_over(self, cause: str) -> Future[bool]:
        """Ask what a cause is about for a sign of life. See `ConnectorHost`."""
        return self._host.is_over(cause)

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind. See `ConnectorHost`."""
        with traces.span("discover", traces.Kind.CLIENT, resources=kind, **_named(call, "discover")):
            return self._host.discover(call, kind, cursor)

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events. See `ConnectorHost`."""
        with traces.span("set_up_webhook", traces.Kind.CLIENT, **_named(call, "set_up_webhook")):
            return self._host.setup_webhook(call, wanted)

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what an inbound delivery says. See `ConnectorHost`."""
        return self._host.verify_event(call, secret_ref, delivery)


def _named(call: ConnectorCall, action: str = "check") -> dict[str, str]:
    """Return what log lines and spans say a call is about."""
    named = {"tenantId": call.tenant_id, "providerType": call.type, "action": action}
    one = getattr(call, "integration_id", None)
    return named if one is None else {"integrationId": str(one), **named}


def _ended(job: CheckJob, span: traces.Span, future: Future[CheckResult]) -> None:
    if future.cancelled():  # nobody knows how it would have ended
        traces.end(span, failed=True)
        return
    result = future.result()
    status = str(check_status(result))
    if job.integration_id is not None:
        metrics.observe(metrics.HEALTH_LATENCY, result.latency_ms)
    span.attributes |= {"status": status, "reason": str(result.reason)}
    _add_steps(span, result)
    traces.end(span, failed=result.failed)
    extra = {**_named(job), "status": status, "durationMs": round(result.latency_ms, 3)}
    _log.info("checked: %s", result.reason, extra={**extra, "traceId": trace_id(span.traceparent)})


def _add_steps(span: traces.Span, result: CheckResult) -> None:
    """Tell of the steps, each at its end, one after the other."""
    at_ns = span.started_ns
    for step in result.steps:
        at_ns += round(step.duration_ms * _NS_PER_MS)
        said: traces.Attributes = {
            "status": str(step.status),
            "reason": str(step.reason),
            "durationMs": step.duration_ms,
        }
        span.events.append((str(step.name), at_ns, said))
