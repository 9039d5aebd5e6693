"""The page an operator reads is what the hub tells of itself: each table and each example is compared."""

import json
import re
from collections.abc import Sequence

import pytest
from prometheus_client.parser import text_string_to_metric_families

from integrations_hub.observability.metrics import CRUD_ACTIONS, METRICS
from tests.architecture.house import FUNCTIONS, HUB, ROOT
from tests.support.emf import emf_document

PAGE = (ROOT / "infra" / "docs" / "observability.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
KNOWN = {metric.name: metric for metric in METRICS}
ALARMS = [
    row[1].strip("`")
    for row in re.findall(r"^\| ([^|]+) \| (`.+?`) \| .+ \|$", SECTIONS["Alarms worth having"], re.MULTILINE)
]
SOURCE = {path: path.read_text() for path in sorted(HUB.rglob("*.py"))}


def rows(section: str) -> Sequence[tuple[str, ...]]:
    """Return the cells of a section's table, without its head."""
    lines = re.findall(r"^\| (.+) \|$", SECTIONS[section], re.MULTILINE)
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in lines[1:]]


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


def test_the_table_of_metrics_is_the_code_s() -> None:
    described = [
        (f"`{m.name}`", m.kind, m.unit, ", ".join(f"`{label}`" for label in m.labels) or "none", m.text)
        for m in METRICS
    ]
    assert list(rows("Metrics")) == described


def test_the_actions_are_those_of_functions_there_are() -> None:
    assert set(CRUD_ACTIONS) <= {main.parent.name for main in FUNCTIONS}
    (sentence,) = re.findall(r"^`action` is (.+?);", SECTIONS["Metrics"], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(CRUD_ACTIONS.values())


def test_the_page_s_example_is_one_prometheus_reads_and_of_metrics_there_are() -> None:
    (example,) = blocks("Metrics", "text")
    families = list(text_string_to_metric_families(example))
    assert len(families) == 3
    for family in families:
        for sample in family.samples:
            assert set(sample.labels) == set(KNOWN[sample.name].labels)
            assert family.documentation == KNOWN[sample.name].text


def test_the_example_in_cloudwatch_s_format_is_one() -> None:
    (example,) = blocks("Metrics", "json")
    name, dimensions, *values = emf_document(json.loads(example))
    assert (name, dimensions, values) == ("integration_health_status", ("harbor", "acme"), [0.0])
    directive = json.loads(example)["_aws"]["CloudWatchMetrics"][0]
    assert tuple(directive["Dimensions"][0]) == KNOWN[name].labels


def test_the_example_of_a_log_line_has_the_keys_of_the_table() -> None:
    (example,) = blocks("Logs", "json")
    line = json.loads(example)
    assert {name.strip("`") for name, _ in rows("Logs")} <= set(line)
    assert line["logger"] in {
        f"integrations_hub.{p.relative_to(HUB).with_suffix('').as_posix().replace('/', '.')}" for p in SOURCE
    }


@pytest.mark.parametrize("name", re.findall(r"^\| `(\w+)` \|", SECTIONS["Traces"], re.MULTILINE))
def test_a_span_of_the_table_is_begun_somewhere(name: str) -> None:
    assert any(re.search(rf'\b(begin|span)\("{name}"', text) for text in SOURCE.values())


def test_every_span_that_is_begun_is_in_the_table() -> None:
    begun = {name for text in SOURCE.values() for name in re.findall(r'\b(?:begin|span)\("(\w+)"', text)}
    assert begun == set(re.findall(r"^\| `(\w+)` \|", SECTIONS["Traces"], re.MULTILINE))


def test_there_are_alarms() -> None:
    assert len(ALARMS) == len(rows("Alarms worth having"))
    assert len(ALARMS) >= 6


@pytest.mark.parametrize("expression", ALARMS)
def test_an_alarm_looks_at_a_metric_there_is_by_labels_and_values_it_has(expression: str) -> None:
    assert expression.count("(") == expression.count(")")
    chosen = re.findall(r"(integration_[a-z_]+?)(?:_bucket)?(?:\{(.*?)\})?(?=[\[\s)]|$)", expression)
    assert chosen
    for name, matchers in chosen:
        labels = dict(re.findall(r'(\w+)="(\w+)"', matchers))
        assert set(labels) <= set(KNOWN[name].labels)
        assert set(labels.values()) <= {"checks", "deliveries", "dead", "unhealthy", "unknown"}
