"""One failing check, seen in the metrics, the logs and the traces, each read back by what operators read them with."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from io import StringIO
from time import sleep
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from integrations_hub import bootstrap
from integrations_hub.connector.redaction import redact_current
from integrations_hub.observability import sinks
from integrations_hub.observability.logs import JsonFormatter
from local.gateway import Gateway
from local.server import listen, serve
from tests.support.collector import Collector, attributes_of, collecting
from tests.support.emf import emf_lines
from tests.support.hub import Client, Hub, outside_folder, running_hub
from tests.support.listeners import answering, listening
from tests.support.waiting import eventually

SECRET = "not-a-real-secret-canary-7"
CONFIG = "config-canary-8"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = "0af7651916cd43dd8448eb211c80319c"
REFUSED = f'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {len(SECRET) + 2}\r\n\r\n"{SECRET}"'


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


PERIOD_S = 0.1


@pytest.fixture(scope="module")
def hub(collector: Collector) -> Iterator[Hub]:
    settings = {
        "METRICS": "prometheus,otlp,emf",
        "METRICS_PERIOD": str(PERIOD_S),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=not-a-real-key-9",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    with outside_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")  # the SDK reads it when it is imported
        with running_hub(folder, **settings) as running:
            yield running


@pytest.fixture(scope="module")
def metrics_page(hub: Hub) -> Iterator[str]:
    inside = serve(listen(0), Gateway(hub.functions, internal=True))
    yield inside.url
    inside.stop()


@contextmanager
def logged() -> Iterator[StringIO]:
    """Collect the hub's lines, as they are written to standard error."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(redact_current))
    logger = logging.getLogger("integrations_hub")
    logger.addHandler(handler)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)


def page(url: str) -> tuple[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]:
    sleep(PERIOD_S)  # what was read just before would be shown again
    with closing(HTTPConnection(url.removeprefix("http://"))) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return text, {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


def broken_harbor(hub: Hub, client: Client, port: int) -> dict[str, Any]:
    """Register a Harbor that refuses the robot, and says its password while doing so."""
    folder = hub.state / "secrets" / "acme" / "robot"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "username").write_text("robot$fake")
    (folder / "password").write_text(SECRET)
    answer = client.call(
        "POST",
        json={
            "type": "harbor",
            "name": "harbor",
            "config": {"endpoint": f"http://127.0.0.1:{port}/{CONFIG}"},
            "authRefUri": "authref://file/robot",
        },
        headers={"traceparent": CALLER},
    )
    assert answer.status == 201, answer.body
    registered: dict[str, Any] = answer.json()
    return registered


def swept(hub: Hub, traceparent: str) -> None:
    """Run the sweep as a schedule does, in a trace."""
    job = next(function for function in hub.functions if function.name == "sweep_health")
    headers = {"Ce-Specversion": "1.0", "Ce-Id": "tick-1", "Ce-Type": "test.tick", "Ce-Source": "/tests"}
    headers["Ce-Traceparent"] = traceparent
    assert job.app.test_client().post("/", json={}, headers=headers).status_code == 200


def test_a_failing_check_is_one_trace_from_the_sweep_to_the_alert_and_is_counted(
    hub: Hub, collector: Collector, metrics_page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = hub.client()
    with listening(answering(REFUSED.encode())) as harbor, logged() as log:
        # Given a Harbor that was registered and refuses the robot
        one = broken_harbor(hub, client, harbor.port)
        # When
        swept(hub, CALLER)
        hub.deliver()
        text, samples = page(metrics_page)
    # Then each signal tells of it
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    seen_in_logs(lines, one["id"])
    seen_in_spans(collector, one["id"])
    seen_on_the_page(samples)
    seen_by_the_collector(collector)
    emitted = emf_lines(capsys.readouterr().out)
    assert {("integration_crud_total", ("create",), 1.0)} <= set(emitted)
    assert [name for name, *_ in emitted].count("integration_health_latency_ms") == 1
    # And none of them tells a secret, or what is configured
    spans_and_metrics = b"".join(collector.raw) + text.encode() + json.dumps(emitted).encode()
    assert SECRET.encode() not in spans_and_metrics
    assert CONFIG.encode() not in spans_and_metrics
    assert b"not-a-real-key-9" not in spans_and_metrics
    assert SECRET not in log.getvalue()
    assert CONFIG not in log.getvalue()


def seen_in_logs(lines: list[dict[str, Any]], one: str) -> None:
    (checked,) = [line for line in lines if line["message"].startswith("checked")]
    assert checked["message"] == "checked: credential_rejected"
    told = {name: checked[name] for name in ("integrationId", "tenantId", "providerType", "action", "traceId")}
    named = {"integrationId": one, "tenantId": "acme", "providerType": "harbor", "action": "check"}
    assert told == {**named, "traceId": TRACE}
    (created,) = [line for line in lines if line.get("action") == "create_integration"]
    assert (created["tenantId"], created["providerType"], created["traceId"]) == ("acme", "harbor", TRACE)


def seen_in_spans(collector: Collector, one: str) -> None:
    sweep, check = collector.span("sweep_health"), collector.span("check", integrationId=one)
    alert = collector.span("deliver", integrationId=one, severity="alert")
    crud = collector.span("create_integration")
    assert {span.trace_id.hex() for span in (crud, sweep, check, alert)} == {TRACE}
    assert crud.parent_span_id.hex() == sweep.parent_span_id.hex() == "b7ad6b7169203331"
    assert check.parent_span_id == alert.parent_span_id == sweep.span_id
    said = attributes_of(check)
    assert (said["reason"], said["status"], said["providerType"]) == ("credential_rejected", "unhealthy", "harbor")
    assert "authenticate" in [event.name for event in check.events]
    assert check.status.code == 2  # error
    assert check.end_time_unix_nano > check.start_time_unix_nano
    assert collector.span("discover_connectors")
    assert {"service.name": "integrations-hub"}.items() <= collector.resources[0].items()
    assert all(headers["api-key"] == "not-a-real-key-9" for headers in collector.headers)


def seen_on_the_page(samples: dict[tuple[str, tuple[tuple[str, str], ...]], float]) -> None:
    pair = (("tenant", "acme"), ("type", "harbor"))
    assert samples["integration_health_status", pair] == 0
    assert samples["integration_count", (("status", "unhealthy"), *pair)] == 1
    assert samples["integration_count", (("status", "healthy"), *pair)] == 0
    assert samples["integration_health_latency_ms_count", ()] == 1
    assert samples["integration_crud_total", (("action", "create"),)] == 1
    assert samples["integration_alert_deliveries_total", (("outcome", "delivered"),)] == 1
    assert samples["integration_queue_depth", (("queue", "checks"),)] == 0
    assert samples["integration_queue_depth", (("queue", "deliveries"),)] == 0


def seen_by_the_collector(collector: Collector) -> None:
    def worst() -> Any:
        points = collector.metrics["integration_health_status"].gauge.data_points
        pairs = {tuple(sorted(attributes_of(point).items())): point.as_double for point in points}
        return pairs.get((("tenant", "acme"), ("type", "harbor"))) == 0.0

    assert eventually(lambda: "integration_health_status" in collector.metrics and worst())
    latency = collector.metrics["integration_health_latency_ms"].histogram.data_points[0]
    assert (latency.count, list(latency.attributes)) == (1, [])
    crud = collector.metrics["integration_crud_total"].sum.data_points
    assert [(attributes_of(point), point.as_int) for point in crud] == [({"action": "create"}, 1)]


def test_the_page_is_not_on_the_public_api(hub: Hub) -> None:
    assert hub.call("GET", "/metrics").status == 404


def test_what_was_refused_is_no_crud_and_what_was_read_is(hub: Hub, metrics_page: str) -> None:
    client = hub.client("counting")
    client.call("GET", "/by-type/in-memory")
    client.call("GET")
    client.call("GET", "/00000000-0000-4000-8000-000000000000")
    _, samples = page(metrics_page)
    assert samples["integration_crud_total", (("action", "list"),)] == 2
    assert ("integration_crud_total", (("action", "read"),)) not in samples


def test_a_trace_that_its_beginner_does_not_record_is_not_sent(hub: Hub, collector: Collector) -> None:
    client = hub.client("unsampled")
    client.call("GET", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-00"})
    client.call("GET", headers={"traceparent": f"00-{'c' * 32}-{'b' * 16}-01"})
    sinks.close()  # what is queued is sent
    sent = {span.trace_id.hex() for span in collector.spans}
    assert "c" * 32 in sent
    assert "a" * 32 not in sent


def test_everything_sampled_out_leaves_the_ids_in_the_logs(
    hub: Hub, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE_SAMPLE_RATIO", "0")
    sinks.close()
    with logged() as log:
        hub.client("quiet").call("GET")
    line = next(one for one in map(json.loads, log.getvalue().splitlines()) if one["tenantId"] == "quiet")
    sinks.close()
    assert len(line["traceId"]) == 32
    assert line["traceId"] not in {span.trace_id.hex() for span in collector.spans}


def test_where_nothing_keeps_a_page_there_is_none_and_it_says_why(
    hub: Hub, metrics_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS", "none")
    sinks.close()
    with closing(HTTPConnection(metrics_page.removeprefix("http://"))) as connection:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 404
        assert "METRICS does not name prometheus" in json.loads(answer.read())["detail"]
    sinks.close()


def test_a_database_that_is_away_leaves_what_was_counted_on_the_page(
    hub: Hub, metrics_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.client("away").call("GET")
    monkeypatch.setenv("WORKER_DATABASE_URL", "postgresql://hub_worker@127.0.0.1:1/nothing")
    bootstrap.reset()
    hub.client("away").call("GET")
    _, samples = page(metrics_page)
    assert samples["integration_crud_total", (("action", "list"),)] == 1
    assert not [name for name, _ in samples if name == "integration_count"]
    bootstrap.reset()
