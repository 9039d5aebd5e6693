"""Lines in the embedded metric format: what they say, and that threads never see each other's dimensions."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations_hub.observability.emf import EmfRecorder
from integrations_hub.observability.metrics import ALERT_DELIVERIES, CRUD, HEALTH_LATENCY, HEALTH_STATUS, Measured
from tests.support.emf import emf_lines


def test_counts_of_one_event_are_one_line_and_are_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = EmfRecorder("IntegrationsHub")
    recorder.count(CRUD, ["read"], 1)
    recorder.count(CRUD, ["read"], 2)
    recorder.count(CRUD, ["create"], 1)
    recorder.event_over()
    recorder.event_over()
    written = emf_lines(capsys.readouterr().out)
    assert sorted(written) == [("integration_crud_total", ("create",), 1.0), ("integration_crud_total", ("read",), 3.0)]


def test_a_sweep_of_many_checks_keeps_to_a_hundred_values_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = EmfRecorder("IntegrationsHub")
    for n in range(250):
        recorder.observe(HEALTH_LATENCY, n)
    recorder.event_over()
    written = emf_lines(capsys.readouterr().out)
    assert sorted(value for _, _, *values in written for value in values) == list(map(float, range(250)))


def test_gauges_have_their_labels_as_dimensions_and_no_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "another-dimension")
    recorder = EmfRecorder("IntegrationsHub")
    recorder.measure([Measured(HEALTH_STATUS, ("harbor", "acme"), 0.5)])
    recorder.close(1)
    assert emf_lines(capsys.readouterr().out) == [("integration_health_status", ("harbor", "acme"), 0.5)]


def test_many_threads_mix_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = EmfRecorder("IntegrationsHub")

    def one(n: int) -> None:
        recorder.count((CRUD, ALERT_DELIVERIES)[n % 2], [f"label-{n % 7}"], 1)
        recorder.event_over()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(2000)))
    totals: Counter[tuple[str, str]] = Counter()
    for name, (label,), value in emf_lines(capsys.readouterr().out):
        totals[name, label] += int(value)
    expected = Counter(
        (("integration_crud_total", "integration_alert_deliveries_total")[n % 2], f"label-{n % 7}") for n in range(2000)
    )
    assert totals == expected
