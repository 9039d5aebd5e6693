"""The dashboards show what is measured: every metric, by labels it has, and both are written from the one list."""

import json
import re
from itertools import combinations

import pytest

from integrations_hub.observability.metrics import METRICS
from observability.__main__ import written
from observability.grafana import queries
from observability.panels import Panel, panels
from tests.architecture.house import ROOT

KNOWN = {metric.name: metric for metric in METRICS}
UNITS = {"1": "short", "ms": "ms", "s": "s"}
STACK = json.loads((ROOT / "infra" / "aws" / "dashboard.json").read_text())
TEXT = STACK["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
BODY = json.loads(TEXT)
GRAFANA = json.loads((ROOT / "infra" / "observability" / "grafana.json").read_text())

each_panel = pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.title)


@pytest.mark.parametrize(("path", "text"), written().items(), ids=lambda part: getattr(part, "name", ""))
def test_a_dashboard_is_as_make_dashboards_writes_it(path, text: str) -> None:
    assert path.read_text() == text


def test_every_metric_is_on_a_panel() -> None:
    assert {panel.metric for panel in panels()} == set(KNOWN)


@each_panel
def test_a_panel_is_of_a_metric_as_it_is(panel: Panel) -> None:
    metric = KNOWN[panel.metric]
    assert {*panel.by, *panel.where} <= set(metric.labels)
    assert panel.unit == UNITS[metric.unit]
    shown = {"gauge": {"lowest", "highest", "sum"}, "counter": {"rate"}, "histogram": {"percentiles"}}
    assert panel.show in shown[metric.kind]


@each_panel
def test_grafana_asks_for_series_and_labels_there_are(panel: Panel) -> None:
    for expression, _ in queries(panel):
        (series,) = re.findall(r"\b(integration_\w+)", expression)
        assert series.removesuffix("_bucket") == panel.metric
        for labels in re.findall(r"by \(([^)]+)\)", expression):
            assert set(labels.split(", ")) <= {*KNOWN[panel.metric].labels, "le"}
    assert len({panel["id"] for panel in GRAFANA["panels"]}) == len(panels())


def test_cloudwatch_is_asked_by_exactly_the_dimensions_that_are_written() -> None:
    """Hold each search to a schema: CloudWatch finds a metric by all of its dimensions or not at all."""
    lines = [line for widget in BODY["widgets"] for line in widget["properties"]["metrics"]]
    searches = [line[0]["expression"] for line in lines if isinstance(line[0], dict)]
    for search in searches:
        dimensions, name = re.search(r"\{\$\{MetricsNamespace\},([a-z,]+)\} MetricName=\"(\w+)\"", search).groups()
        assert tuple(dimensions.split(",")) == KNOWN[name].labels
    for line in lines:
        if not isinstance(line[0], dict):
            assert line[:2] == ["${MetricsNamespace}", "integration_health_latency_ms"]  # it has no dimension
    assert len(searches) >= len(METRICS) - 1


def test_the_body_has_no_placeholder_but_those_a_template_fills_in() -> None:
    assert set(re.findall(r"\$\{[^}]*\}", TEXT)) == {"${AWS::Region}", "${MetricsNamespace}"}


def test_widgets_do_not_lie_on_each_other() -> None:
    places = [(one["x"], one["y"], one["width"], one["height"]) for one in BODY["widgets"]]
    for (x, y, width, height), (other_x, other_y, *_) in combinations(places, 2):
        assert not (x <= other_x < x + width and y <= other_y < y + height)
