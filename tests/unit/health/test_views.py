"""What is shown of health, as a reader of JSON sees it."""

from datetime import UTC, datetime

import pytest

from integrations_hub.health.model import HealthWindow, SparkPoint
from integrations_hub.health.views import SparkPointView, WindowView


@pytest.mark.parametrize(("kept", "shown"), [(9.020408163265306, 9.0), (0.14, 0.1), (1234.5678, 1234.6), (None, None)])
def test_a_latency_is_told_to_a_tenth_of_a_millisecond(kept: float | None, shown: float | None) -> None:
    window = HealthWindow(
        hours=24,
        checks=1,
        uptime_percent=100.0,
        latency_p50_ms=kept,
        latency_p95_ms=kept,
        mttr_seconds=None,
        transitions=0,
    )
    point = SparkPoint(starts_at=datetime.now(UTC), status=None, latency_p95_ms=kept)
    view = WindowView.of(window)
    assert (view.latency_p50_ms, view.latency_p95_ms) == (shown, shown)
    assert SparkPointView.of(point).latency_p95_ms == shown
