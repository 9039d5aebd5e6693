"""The panels as a CloudWatch dashboard; `Fn::Sub` fills `${AWS::Region}` and `${MetricsNamespace}` in.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from integrations_hub.observability.metrics import METRICS
from observability.panels import Panel

__all__ = ["cloudwatch_stack"]

_WIDTH, _HEIGHT, _PERIOD_S = 12, 6, 60
_STATISTICS = {"lowest": "Minimum", "highest": "Maximum", "sum": "Maximum", "rate": "Sum"}
_LABELS = {metric.name: metric.labels for metric in METRICS}


def cloudwatch_stack(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return the dashboard as a stack of its own, which template.yaml nests."""
    shown = {"start": "-PT6H", "widgets": [_widget(nth, one) for nth, one in enumerate(panels)]}
    body = {"Fn::Sub": json.dumps(shown, separators=(",", ":"))}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The hub's dashboard, written by `make dashboards` from infra/observability/panels.json",
        "Parameters": {"MetricsNamespace": {"Type": "String"}},
        "Resources": {
            "Dashboard": {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {"DashboardName": {"Ref": "AWS::StackName"}, "DashboardBody": body},
            }
        },
    }


def _widget(nth: int, panel: Panel) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": _WIDTH * (nth % 2),
        "y": _HEIGHT * (nth // 2),
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": panel.title,
            "region": "${AWS::Region}",
            "view": "timeSeries",
            "period": _PERIOD_S,
            "metrics": _metrics(panel),
        },
    }


def _metrics(panel: Panel) -> list[list[Any]]:
    """Return the lines: of a histogram its percentiles, else what is found under the metric's name.

    CloudWatch keeps each set of labels by itself; those a panel does not tell apart are summed up by it.
    """
    if panel.show == "percentiles":
        return [["${MetricsNamespace}", panel.metric, {"stat": f"p{p}", "label": f"p{p}"}] for p in (50, 95, 99)]
    statistic = _STATISTICS[panel.show]
    if panel.by and set(panel.by) | set(panel.where) == set(_LABELS[panel.metric]):
        return [[{"expression": _search(panel, statistic, panel.where), "id": "all", "label": ""}]]
    return [
        [{"expression": f"SUM({_search(panel, statistic, {**panel.where, **chosen})})", "id": f"e{n}", "label": label}]
        for n, (label, chosen) in enumerate(_each(panel))
    ]


def _each(panel: Panel) -> list[tuple[str, dict[str, str]]]:
    """Return the values a sum is made for: the statuses are known, types are not."""
    if list(panel.by) == ["status"]:
        return [(value, {"status": value}) for value in ("healthy", "degraded", "unhealthy", "unknown")]
    return [("all", {})]


def _search(panel: Panel, statistic: str, where: Mapping[str, str]) -> str:
    dimensions = ",".join(("${MetricsNamespace}", *_LABELS[panel.metric]))
    held = "".join(f' {name}="{value}"' for name, value in where.items())
    return f"SEARCH('{{{dimensions}}} MetricName=\"{panel.metric}\"{held}', '{statistic}', {_PERIOD_S})"
