"""Metrics on AWS Lambda: log lines in CloudWatch's embedded metric format, written by Powertools.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Powertools' `Metrics` shares its dimensions between threads; here each line is an object of its own.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Lock

from integrations_hub.observability.metrics import Measured, Metric

__all__ = ["EmfRecorder"]

_UNITS = {"1": "Count", "ms": "Milliseconds", "s": "Seconds"}
_MOST_VALUES = 99  # of one metric in one line; with the hundredth Powertools prints by itself


class EmfRecorder:
    """Adds up what one event counts and writes it when the event is over; its log line is the delivery."""

    def __init__(self, namespace: str) -> None:
        """Write into a namespace of CloudWatch."""
        self._namespace = namespace
        self._lock = Lock()
        self._counts: Counter[tuple[Metric, tuple[str, ...]]] = Counter()
        self._observed: dict[Metric, list[float]] = {}
        self._gauges: Sequence[Measured] = ()

    def count(self, metric: Metric, labels: Sequence[str], by: int) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[metric, tuple(labels)] += by

    def observe(self, metric: Metric, value: float) -> None:
        """Add a value to a histogram: CloudWatch makes its percentiles from the values."""
        with self._lock:
            self._observed.setdefault(metric, []).append(value)

    def measure(self, measured: Sequence[Measured]) -> None:
        """Take the gauges as they are now."""
        with self._lock:
            self._gauges = measured

    def event_over(self) -> None:
        """Write one line for each metric and set of labels."""
        for metric, labels, values in self._taken():
            from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415 - 50 ms, for who has counted

            line = EphemeralMetrics(namespace=self._namespace)
            line.service = ""  # a dimension more than the labels, where the environment names one
            for name, value in zip(metric.labels, labels, strict=True):
                line.add_dimension(name, value)
            for one in values:
                line.add_metric(metric.name, _UNITS[metric.unit], one)
            sys.stdout.write(json.dumps(line.serialize_metric_set()) + "\n")
        sys.stdout.flush()

    def close(self, within_s: float) -> None:  # noqa: ARG002 - nobody is waited for
        """Write what is left."""
        self.event_over()

    def _taken(self) -> Iterator[tuple[Metric, Sequence[str], Sequence[float]]]:
        with self._lock:
            counts, self._counts = self._counts, Counter()
            observed, self._observed = self._observed, {}
            gauges, self._gauges = self._gauges, ()
        for (metric, labels), number in counts.items():
            yield metric, labels, [number]
        for metric, values in observed.items():
            for start in range(0, len(values), _MOST_VALUES):
                yield metric, (), values[start : start + _MOST_VALUES]
        for one in gauges:
            yield one.metric, one.labels, [one.value]
