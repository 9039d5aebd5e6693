"""Where metrics and spans go: nowhere, until the composition root says how to build it.

It is built with the first event, never at import: a cold start is mostly imports. Whatever is wrong with it is logged,
and the hub goes on without: telemetry fails no request.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, ParamSpec, Protocol, runtime_checkable

if TYPE_CHECKING:
    from integrations_hub.observability.metrics import Measured, Metric
    from integrations_hub.observability.traces import Span

__all__ = ["Page", "Recorder", "Sinks", "SpanSink", "close", "guarded", "install", "sinks"]

_log = logging.getLogger(__name__)
P = ParamSpec("P")


class Recorder(Protocol):
    """Takes metrics to one place; none of its calls waits for that place."""

    def count(self, metric: Metric, labels: Sequence[str], by: int) -> None:
        """Add to a counter; labels are values in the order of the metric's names."""

    def observe(self, metric: Metric, value: float) -> None:
        """Add a value to a histogram."""

    def measure(self, measured: Sequence[Measured]) -> None:
        """Take the gauges as they are now, in place of all earlier ones."""

    def event_over(self) -> None:
        """Send what must be sent before the process may be frozen; waits a moment at most."""

    def close(self, within_s: float) -> None:
        """Send what is left, within so many seconds."""


class SpanSink(Protocol):
    """Takes spans that have ended; as `Recorder`, it waits for nobody."""

    def export(self, span: Span) -> None:
        """Take a span."""

    def event_over(self) -> None:
        """See `Recorder`."""

    def close(self, within_s: float) -> None:
        """See `Recorder`."""


@runtime_checkable
class Page(Protocol):
    """What can be shown of a recorder that sends nothing."""

    @property
    def content_type(self) -> str:
        """Return the page's media type."""

    def page(self) -> bytes:
        """Return the page as it is now."""


@dataclass(frozen=True, slots=True)
class Sinks:
    """What a process sends its telemetry to, and which share of the traces begun here is recorded."""

    recorders: Sequence[Recorder] = ()
    spans: SpanSink | None = None
    sample_ratio: float = 0.0

    @property
    def all(self) -> Sequence[Recorder | SpanSink]:
        """Return all of them."""
        return [*self.recorders, *([self.spans] if self.spans is not None else [])]

    def export(self, span: Span) -> None:
        """Hand a span over."""
        if self.spans is not None:
            guarded(self.spans.export, span)

    def event_over(self) -> None:
        """Tell all of them that an event has been answered."""
        for one in self.all:
            guarded(one.event_over)


_NONE = Sinks()
_lock = Lock()
_build: Callable[[], Sinks] = Sinks
_built: Sinks | None = None


def install(build: Callable[[], Sinks]) -> None:
    """Say how to build the sinks; they are built when first asked for, and anew after `close`."""
    global _build  # noqa: PLW0603 - like logging's handlers, there is one set per process
    _build = build
    atexit.unregister(close)
    atexit.register(close)


def sinks() -> Sinks:
    """Return the process's sinks."""
    global _built  # noqa: PLW0603 - as above
    if _built is None:
        with _lock:
            if _built is None:
                _built = _safely(_build)
    return _built


def close(within_s: float = 3.0) -> None:
    """Send what is left, within so many seconds, and forget the sinks."""
    global _built
    with _lock:
        old, _built = _built, None
    ends = monotonic() + within_s
    for one in old.all if old else ():
        guarded(one.close, max(ends - monotonic(), 0.0))


def guarded(call: Callable[P, None], *given: P.args, **named: P.kwargs) -> None:
    """Make one call of a sink; whatever goes wrong in it is logged, and fails nobody."""
    try:
        call(*given, **named)
    except Exception as fault:  # noqa: BLE001 - as above
        _log.warning("telemetry was lost: %s", type(fault).__name__, extra={"action": "telemetry"})


def _safely(build: Callable[[], Sinks]) -> Sinks:
    try:
        return build()
    except Exception as wrong:  # noqa: BLE001 - whatever is wrong with it, the hub works
        _log.error("nothing is measured: %s", wrong, extra={"action": "telemetry"})
        return _NONE
