"""Telemetry of this process, to a collector of the test's, as settings switch it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from integrations_hub import bootstrap
from integrations_hub.observability import sinks
from tests.support.collector import Collector, collecting

__all__ = ["collected", "configured"]

assert bootstrap  # it installs what the settings say


@contextmanager
def configured(**settings: str) -> Iterator[None]:
    """Set variables of telemetry, with everything built anew before and after."""
    with pytest.MonkeyPatch.context() as patch:
        sinks.close(within_s=0.1)
        for name, value in settings.items():
            patch.setenv(name, value)
        try:
            yield
        finally:
            sinks.close(within_s=0.1)


@contextmanager
def collected(**settings: str) -> Iterator[Collector]:
    """Collect this process's spans; what is queued is sent without delay."""
    with (
        collecting() as collector,
        configured(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="50", **settings),
    ):
        yield collector
