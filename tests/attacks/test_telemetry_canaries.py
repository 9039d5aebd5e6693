"""What a caller, a provider or a connector says never gets into metrics and spans, nor adds a series to them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from uuid import uuid4

import pytest

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.results import CheckResult, Step, StepStatus
from integrations_hub.health.ports import CheckJob
from integrations_hub.observability import sinks
from integrations_hub.observability.prometheus import PrometheusRecorder
from integrations_hub.plugins.observed import ObservedHost
from tests.support.collector import Collector, collecting
from tests.support.hub import API, Hub, draft, outside_folder, running_hub
from tests.support.telemetry import collected

CANARY = "canary-not-a-real-secret-42"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def hub(collector: Collector) -> Iterator[Hub]:
    settings = {"METRICS": "prometheus,otlp", "METRICS_PERIOD": "0.1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    with outside_folder() as folder, running_hub(folder, **settings) as running:
        yield running


def page() -> str:
    (recorder,) = [one for one in sinks.sinks().recorders if isinstance(one, PrometheusRecorder)]
    return recorder.page().decode()


def test_nothing_a_caller_can_write_shows_or_adds_a_series(hub: Hub, collector: Collector) -> None:
    # Given every place of a request, with a canary in it
    client = hub.client("attacked")
    client.call("GET")
    hub.sweep()
    before = page().count("\n")
    one = client.register(CANARY, tags=[CANARY], config={"script": [{"do": "unhealthy", "reason": "timeout"}]})
    hub.sweep()
    known = page().count("\n")
    for n in range(30):
        client.call("GET", f"/by-type/{CANARY}-{n}")
        client.call("GET", f"?q={CANARY}-{n}")
        client.call("GET", f"/{CANARY}-{n}")
        client.call("POST", json=draft(f"{CANARY}-{n}", type=f"{CANARY}-{n}"))
        client.call("POST", json=draft("x", config={"script": [{"do": CANARY}]}))
        client.call("GET", headers={"X-Request-Id": f"{CANARY}-{n}", "User-Agent": CANARY, "traceparent": CANARY})
        hub.call(CANARY.upper(), API, token=client.token)
        hub.call("GET", f"{API}/{CANARY}", token=f"{CANARY}.{CANARY}.{CANARY}")
    # When
    client.call("POST", f"/{one['id']}/health-check")
    hub.sweep()
    hub.deliver()
    # Then what was registered added its pair, and nothing else anything
    text = page()
    assert known > before
    assert text.count("\n") - known <= 12  # other actions and outcomes of ours
    sinks.close()
    assert len(collector.spans) > 200
    heard = b"".join(collector.raw) + text.encode()
    assert CANARY.encode() not in heard
    assert CANARY.upper().encode() not in heard


class LyingHost:
    """A host whose connector reports a secret wherever it may write."""

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        step = Step(StepName.PRODUCT, StepStatus.FAILED, 1.5, f"said {CANARY}", Reason.WRONG_PRODUCT, f"use {CANARY}")
        done: Future[CheckResult] = Future()
        done.set_result(CheckResult((step,), 1.5, cause=f"backend:{CANARY}"))
        return done


def test_a_connectors_evidence_remedy_and_config_are_in_no_span_metric_or_log(caplog: pytest.LogCaptureFixture) -> None:
    job = CheckJob(
        tenant_id="acme",
        type="harbor",
        config={"endpoint": f"https://{CANARY}.example"},
        auth_ref_uri=f"authref://vault/{CANARY}",
        integration_id=uuid4(),
    )
    with collected(METRICS="otlp,prometheus") as collector, caplog.at_level("DEBUG", logger="integrations_hub"):
        ObservedHost(LyingHost()).submit(job).result()
        text = page()
        sinks.close()
    assert [span.name for span in collector.spans] == ["check"]
    assert "integration_health_latency_ms" in collector.metrics
    heard = b"".join(collector.raw) + text.encode() + repr([vars(record) for record in caplog.records]).encode()
    assert b"wrong_product" in heard
    assert CANARY.encode() not in heard
