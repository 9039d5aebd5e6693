"""What is counted is sent before a process rests or ends; and a collector that is away delays and fails nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from local.runner.data_folder import free_port
from tests.support.collector import collecting
from tests.support.emf import emf_lines
from tests.support.functions import FUNCTIONS, lambda_event, load_function
from tests.support.listeners import Listener, listening
from tests.support.telemetry import configured
from tests.support.waiting import eventually

ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "hub-get-summary", "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
PATH = "/api/v1/integrations/summary"


def ask() -> Any:
    """Ask without a token, which is answered without a database."""
    event = lambda_event("GET", PATH, tenant="acme")
    event["requestContext"] = {"http": {"method": "GET"}}
    return load_function("get_summary").lambda_handler(event, None)


def test_on_lambda_spans_and_metrics_are_out_when_the_invocation_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        collecting() as collector,
        configured(**ON_LAMBDA, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, METRICS="emf,otlp", METRICS_PERIOD="3600"),
    ):
        assert ask()["statusCode"] == 401
        sent = [span.name for span in collector.spans]  # not later
    assert sent == ["get_summary"]
    assert emf_lines(capsys.readouterr().out) == []  # nothing was counted, and nothing is written


@pytest.fixture(params=["dead", "hanging"])
def collector_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An address where nobody listens, and one where somebody takes the request and never answers."""

    def hang(_connection: object, listener: Listener) -> None:
        listener.stopping.wait()

    with listening(hang) as listener:
        url = f"http://{listener.authority}" if request.param == "hanging" else "http://127.0.0.1:1"
        yield url


# An exporter of these settings gives up after an hour only: whoever waited for it would still be waiting.
PATIENT = {"OTEL_EXPORTER_OTLP_TIMEOUT": "3600", "METRICS": "otlp", "METRICS_PERIOD": "0.1"}


@pytest.mark.parametrize("where", [ON_LAMBDA, {}], ids=["lambda", "elsewhere"])
def test_a_collector_that_is_away_fails_and_delays_no_request(collector_url: str, where: dict[str, str]) -> None:
    with configured(OTEL_EXPORTER_OTLP_ENDPOINT=collector_url, **PATIENT, **where):
        assert [ask()["statusCode"] for _ in range(20)] == [401] * 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"METRICS": "carrier-pigeon"},
        {"METRICS": "otlp"},
        {"TRACE_SAMPLE_RATIO": "many"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "no address"},
    ],
)
def test_wrong_settings_of_telemetry_are_named_in_the_log_and_fail_no_request(
    wrong: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with configured(**wrong), caplog.at_level("ERROR", logger="integrations_hub"):
        assert ask()["statusCode"] == 401
    assert [record.message for record in caplog.records if next(iter(wrong)) in record.message]


def test_at_sigterm_a_functions_framework_process_sends_what_is_queued() -> None:
    port = free_port(0)
    source = str(FUNCTIONS / "get_summary" / "main.py")
    command = [sys.executable, "-m", "functions_framework", "--target=http", f"--source={source}"]
    with collecting() as collector:
        environment = {
            **os.environ,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "3600000",
            "METRICS_PERIOD": "3600",
        }
        server = subprocess.Popen(
            [*command, "--host=127.0.0.1", f"--port={port}"], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            assert eventually(lambda: answers(port)) == 401
            assert collector.spans == []
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
        finally:
            server.kill()
    assert [span.name for span in collector.spans] == ["get_summary"]
    assert set(collector.metrics) == set()  # nothing was counted there


def answers(port: int) -> int | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", PATH)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()
