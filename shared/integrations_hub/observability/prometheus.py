"""Metrics to be fetched: what this process counted, and the gauges, as a page Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from integrations_hub.observability.metrics import METRICS, Measured, Metric

__all__ = ["PrometheusRecorder"]

# a series more for each counter, of a time nobody asks for
disable_created_metrics()  # type: ignore[no-untyped-call]


class PrometheusRecorder:
    """Keeps what is counted, in a registry of its own; metrics of libraries are none of ours."""

    def __init__(self) -> None:
        """Begin with every metric at nothing."""
        self.content_type = CONTENT_TYPE_PLAIN_0_0_4
        self._registry = CollectorRegistry(auto_describe=False)
        self._counters = {
            one: Counter(one.name, one.text, one.labels, registry=self._registry)
            for one in METRICS
            if one.kind == "counter"
        }
        self._histograms = {
            one: Histogram(one.name, one.text, one.labels, registry=self._registry, buckets=one.buckets)
            for one in METRICS
            if one.kind == "histogram"
        }
        self._measured: Sequence[Measured] = ()
        self._registry.register(self)

    def count(self, metric: Metric, labels: Sequence[str], by: int) -> None:
        """Add to a counter."""
        self._counters[metric].labels(*labels).inc(by)

    def observe(self, metric: Metric, value: float) -> None:
        """Add a value to a histogram."""
        self._histograms[metric].observe(value)

    def measure(self, measured: Sequence[Measured]) -> None:
        """Take the gauges as they are now."""
        self._measured = tuple(measured)

    def event_over(self) -> None:
        """Send nothing: it is fetched."""

    def close(self, within_s: float) -> None:
        """Send nothing: it is fetched."""

    def collect(self) -> Iterator[Family]:
        """Yield the gauges; the registry calls it."""
        for metric in METRICS:
            if metric.kind == "gauge":
                family = GaugeMetricFamily(metric.name, metric.text, labels=metric.labels)
                for one in self._measured:
                    if one.metric is metric:
                        family.add_metric(one.labels, one.value)
                yield family

    def page(self) -> bytes:
        """Return the page (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
        return generate_latest(self._registry)
