"""CloudWatch's embedded metric format, read as strictly as its specification has it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

__all__ = ["emf_document", "emf_lines"]

_UNITS = {"Seconds", "Milliseconds", "Count", "None"}
_HOUR_MS = 3_600_000


def emf_lines(text: str) -> Sequence[tuple[Any, ...]]:
    """Return (metric, dimension values in their order, value …) of each line that is a document of the format."""
    documents = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    read = [one for one in documents if "_aws" in one]
    # CloudWatch refuses what is older than 14 days or more than two hours ahead
    assert all(abs(one["_aws"]["Timestamp"] - time.time() * 1000) < _HOUR_MS for one in read)
    return [emf_document(one) for one in read]


def emf_document(document: dict[str, Any]) -> tuple[Any, ...]:
    """Return what one document says.

    Raises:
        AssertionError: it is none of the format.
    """
    assert set(document["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(document["_aws"]["Timestamp"], int)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert isinstance(directive["Namespace"], str)
    (dimensions,) = directive["Dimensions"]
    assert len(dimensions) <= 30
    assert all(isinstance(document[name], str) and document[name] for name in dimensions)
    (metric,) = directive["Metrics"]
    assert set(metric) == {"Name", "Unit"}
    assert metric["Unit"] in _UNITS
    values = document[metric["Name"]]
    assert 1 <= len(values) <= 100
    assert all(isinstance(value, float) for value in values)
    assert set(document) == {"_aws", metric["Name"], *dimensions}
    return (metric["Name"], tuple(document[name] for name in dimensions), *values)
