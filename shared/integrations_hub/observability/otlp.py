"""Metrics and spans to an OpenTelemetry collector, over HTTP: the SDK's queues, threads and exporters.

The SDK sends from threads of its own and drops what does not fit its queues, so a collector that is away costs a
request nothing. Where the process may be frozen after an event (AWS Lambda) what is queued is sent before, and waited
for a moment: not again while an earlier try still hangs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Lock, Thread

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from integrations_hub.observability.metrics import METRICS, Measured, Metric
from integrations_hub.observability.trace_context import parent_of, trace_id
from integrations_hub.observability.traces import Span

__all__ = ["Collector", "OtlpRecorder", "OtlpSpans"]

_log = logging.getLogger(__name__)
_SCOPE = "integrations_hub"
_A_MOMENT_S = 0.5


@dataclass(frozen=True, slots=True)
class Collector:
    """Where a collector is (its base, without `/v1/…`), and what it is told of us. `frozen`: see above."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    service: str
    instance: str
    frozen: bool

    @property
    def resource(self) -> Resource:
        """Return who we are, as every signal says."""
        return Resource.create({"service.name": self.service, "service.instance.id": self.instance})


class OtlpRecorder:
    """Pushes metrics every few seconds."""

    def __init__(self, to: Collector, period_s: float) -> None:
        """Start the SDK's thread."""
        exporter = OTLPMetricExporter(f"{to.url}/v1/metrics", headers=dict(to.headers))
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=period_s * 1000)
        self._provider = MeterProvider([reader], to.resource, shutdown_on_exit=False)
        self._measured: Sequence[Measured] = ()
        self._waiting = _Waiting(frozen=to.frozen)
        meter = self._provider.get_meter(_SCOPE)
        self._counters = {m: meter.create_counter(m.name, m.unit, m.text) for m in METRICS if m.kind == "counter"}
        self._histograms = {
            m: meter.create_histogram(m.name, m.unit, m.text, explicit_bucket_boundaries_advisory=m.buckets)
            for m in METRICS
            if m.kind == "histogram"
        }
        for metric in METRICS:
            if metric.kind == "gauge":
                meter.create_observable_gauge(metric.name, [self._observer(metric)], metric.unit, metric.text)

    def count(self, metric: Metric, labels: Sequence[str], by: int) -> None:
        """Add to a counter."""
        self._counters[metric].add(by, dict(zip(metric.labels, labels, strict=True)))

    def observe(self, metric: Metric, value: float) -> None:
        """Add a value to a histogram."""
        self._histograms[metric].record(value)

    def measure(self, measured: Sequence[Measured]) -> None:
        """Take the gauges as they are now."""
        self._measured = tuple(measured)

    def event_over(self) -> None:
        """Send what there is, where the process may be frozen next."""
        self._waiting.after_event(self._provider.force_flush)

    def close(self, within_s: float) -> None:
        """Send what there is and end."""
        self._waiting.briefly(self._provider.shutdown, within_s)

    def _observer(self, metric: Metric) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observations(_options: CallbackOptions) -> Iterable[Observation]:
            for one in self._measured:
                if one.metric is metric:
                    yield Observation(one.value, dict(zip(metric.labels, one.labels, strict=True)))

        return observations


class OtlpSpans:
    """Sends spans in batches."""

    def __init__(self, to: Collector) -> None:
        """Start the SDK's thread."""
        exporter = OTLPSpanExporter(f"{to.url}/v1/traces", headers=dict(to.headers))
        self._ids = _GivenIds()
        self._provider = TracerProvider(ALWAYS_ON, to.resource, shutdown_on_exit=False, id_generator=self._ids)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(_SCOPE)
        self._lock = Lock()
        self._waiting = _Waiting(frozen=to.frozen)

    def export(self, span: Span) -> None:
        """Queue a span that has ended, under the ids it was given."""
        trace, (own, _) = int(trace_id(span.traceparent), 16), parent_of(span.traceparent)
        context = _below(trace, int(span.parent_id, 16)) if span.parent_id else Context()
        with self._lock:
            self._ids.trace, self._ids.span = trace, int(own, 16)
            made = self._tracer.start_span(
                span.name, context, SpanKind(span.kind.value), span.attributes, start_time=span.started_ns
            )
        for name, at_ns, attributes in span.events:
            made.add_event(name, attributes, at_ns)
        if span.failed:
            made.set_status(Status(StatusCode.ERROR))
        made.end(span.ended_ns)

    def event_over(self) -> None:
        """Send what there is, where the process may be frozen next."""
        self._waiting.after_event(self._provider.force_flush)

    def close(self, within_s: float) -> None:
        """Send what there is and end."""
        self._waiting.briefly(self._provider.shutdown, within_s)


def _below(trace: int, parent: int) -> Context:
    above = SpanContext(trace, parent, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(above), Context())


class _GivenIds(IdGenerator):
    """Gives a span the ids it has had since it began; they have travelled with messages by now."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span


class _Waiting:
    """Waits for a collector, but not for long and not twice at a time.

    Its thread is there from the beginning: at the end of a process none can be started any more.
    """

    def __init__(self, *, frozen: bool) -> None:
        self._frozen = frozen
        self._jobs: SimpleQueue[tuple[Callable[[], object], Event]] = SimpleQueue()
        self._last = Event()
        self._last.set()
        Thread(target=self._work, name="telemetry", daemon=True).start()

    def after_event(self, send: Callable[[], object]) -> None:
        if self._frozen and self._last.is_set():
            self.briefly(send, _A_MOMENT_S)

    def briefly(self, send: Callable[[], object], within_s: float) -> None:
        self._last = Event()
        self._jobs.put((send, self._last))
        self._last.wait(within_s)

    def _work(self) -> None:
        while True:
            send, done = self._jobs.get()
            try:
                send()
            except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, the hub works
                _log.warning("telemetry was not sent: %s", type(fault).__name__, extra={"action": "telemetry"})
            finally:
                done.set()
