"""From a deployment's settings to where its telemetry goes; a client is imported where one is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote
from uuid import uuid4

from pydantic import SecretStr

from integrations_hub.observability.sinks import Recorder, Sinks

if TYPE_CHECKING:
    from integrations_hub.observability.otlp import Collector

__all__ = ["TelemetrySettings", "build_sinks"]


class TelemetrySettings(Protocol):
    """What a deployment sets."""

    @property
    def namespace(self) -> str:
        """Return CloudWatch's namespace."""

    @property
    def period_s(self) -> float:
        """Return how often metrics are pushed."""

    @property
    def collector_url(self) -> str | None:
        """Return the base of the collector's addresses."""

    @property
    def collector_headers(self) -> SecretStr | None:
        """Return `name=value` pairs, separated by commas, percent-encoded."""

    @property
    def service(self) -> str:
        """Return what the hub is called."""

    @property
    def sample_ratio(self) -> float:
        """Return the share of traces begun here that is recorded."""


def build_sinks(settings: TelemetrySettings, places: Sequence[str], *, on_lambda: bool) -> Sinks:
    """Return the sinks: metrics to `places`, spans to the collector where there is one.

    Raises:
        ModuleNotFoundError: the package of one is not installed; the message says which.
    """
    to = _collector(settings, frozen=on_lambda) if settings.collector_url else None
    recorders = [_recorder(place, settings, to) for place in places]
    if to is None:
        return Sinks(recorders)
    from integrations_hub.observability.otlp import OtlpSpans  # noqa: PLC0415 - for who has one

    return Sinks(recorders, OtlpSpans(to), settings.sample_ratio)


def _recorder(place: str, settings: TelemetrySettings, to: Collector | None) -> Recorder:
    if place == "emf":
        from integrations_hub.observability.emf import EmfRecorder  # noqa: PLC0415 - for who has one

        return EmfRecorder(settings.namespace)
    if place == "otlp":
        from integrations_hub.observability.otlp import OtlpRecorder  # noqa: PLC0415 - as above

        assert to, "the settings see to it"
        return OtlpRecorder(to, settings.period_s)
    try:
        from integrations_hub.observability.prometheus import PrometheusRecorder  # noqa: PLC0415 - as above
    except ModuleNotFoundError as absent:
        raise _missing(absent, "prometheus") from None
    return PrometheusRecorder()


def _collector(settings: TelemetrySettings, *, frozen: bool) -> Collector:
    try:
        from integrations_hub.observability.otlp import Collector  # noqa: PLC0415 - as above
    except ModuleNotFoundError as absent:
        raise _missing(absent, "otlp") from None
    assert settings.collector_url
    headers = settings.collector_headers.get_secret_value() if settings.collector_headers else ""
    return Collector(settings.collector_url.rstrip("/"), _pairs(headers), settings.service, str(uuid4()), frozen)


def _pairs(text: str) -> Mapping[str, str]:
    """Read headers as OpenTelemetry writes them (https://opentelemetry.io/docs/specs/otel/protocol/exporter/)."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return {unquote(name.strip()).lower(): unquote(value.strip()) for name, _, value in pairs}


def _missing(absent: ModuleNotFoundError, extra: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"{absent.name} is not installed: install integrations-hub[{extra}]")
