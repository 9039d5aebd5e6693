"""The panels as a Grafana dashboard over a Prometheus data source, which is asked for at the import.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations_hub.observability.metrics import METRICS
from observability.panels import Panel

__all__ = ["grafana_dashboard", "queries"]

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT = 12, 8
_PERCENTILES = (50, 95, 99)
_LABELS = {metric.name: metric.labels for metric in METRICS}
_FUNCTIONS = {"lowest": "min", "highest": "max", "sum": "sum"}


def grafana_dashboard(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return the dashboard."""
    return {
        "title": "Integrations hub",
        "uid": "integrations-hub",
        "schemaVersion": 39,
        "tags": ["integrations-hub"],
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(nth, one) for nth, one in enumerate(panels)],
    }


def queries(panel: Panel) -> list[tuple[str, str]]:
    """Return what is asked of Prometheus, and how each answer is called.

    A gauge may come from several processes, each with the whole of it: they are not added up.
    """
    if panel.show == "percentiles":
        rate = f"sum by (le) (rate({panel.metric}_bucket[$__rate_interval]))"
        return [(f"histogram_quantile({p / 100}, {rate})", f"p{p}") for p in _PERCENTILES]
    by, legend = ", ".join(panel.by), " ".join(f"{{{{{label}}}}}" for label in panel.by)
    chosen = panel.metric + _matchers(panel)
    if panel.show == "rate":
        return [(f"sum by ({by}) (rate({chosen}[$__rate_interval]))", legend)]
    if panel.show == "sum":
        chosen = f"max by ({', '.join(_LABELS[panel.metric])}) ({chosen})"
    return [(f"{_FUNCTIONS[panel.show]} by ({by}) ({chosen})", legend)]


def _panel(nth: int, panel: Panel) -> dict[str, Any]:
    return {
        "id": nth + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.text,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": _WIDTH * (nth % 2), "y": _HEIGHT * (nth // 2)},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
            for n, (expression, legend) in enumerate(queries(panel))
        ],
    }


def _matchers(panel: Panel) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in panel.where.items()) + "}" if panel.where else ""
