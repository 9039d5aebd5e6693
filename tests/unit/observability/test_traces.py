"""Spans without any exporter: what follows what, what fails, and what is handed over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations_hub.observability import sinks, traces
from integrations_hub.observability.trace_context import continue_trace, parent_of, trace_id
from integrations_hub.observability.traces import Span, current, message_attributes, span, within

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNRECORDED = CALLER[:-2] + "00"


class Kept(list[Span]):
    """Keeps spans as they end."""

    def export(self, span: Span) -> None:
        self.append(span)

    def event_over(self) -> None:
        """Keep them."""

    def close(self, within_s: float) -> None:
        """Keep them."""


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept, before = Kept(), sinks._build
    sinks.close()
    sinks.install(lambda: sinks.Sinks(spans=kept, sample_ratio=1.0))
    yield kept
    sinks.close()
    sinks.install(before)


def test_a_span_follows_the_one_around_it(kept: Kept) -> None:
    with span("outer", parent=CALLER) as outer, span("inner") as inner:
        assert current() == inner.traceparent
    assert [one.name for one in kept] == ["inner", "outer"]
    assert {trace_id(one.traceparent) for one in kept} == {trace_id(CALLER)}
    assert (outer.parent_id, inner.parent_id) == (parent_of(CALLER)[0], parent_of(outer.traceparent)[0])
    assert outer.started_ns <= inner.started_ns <= inner.ended_ns <= outer.ended_ns
    assert current() == ""


def test_a_failure_is_told_without_its_words(kept: Kept) -> None:
    with pytest.raises(RuntimeError), span("broken"):
        raise RuntimeError("not-a-real-secret-1")
    (broken,) = kept
    assert broken.failed
    assert "not-a-real-secret" not in repr(broken)


def test_what_its_beginner_does_not_record_is_not_handed_over(kept: Kept) -> None:
    with span("quiet", parent=UNRECORDED), span("too"):
        pass
    assert kept == []


def test_what_runs_within_a_trace_belongs_to_it_and_an_empty_one_changes_nothing(kept: Kept) -> None:
    with within(CALLER):
        with within(""):
            assert current() == CALLER
        with span("one"):
            pass
    assert kept[0].parent_id == parent_of(CALLER)[0]


def test_messages_take_the_trace_along_where_there_is_one() -> None:
    assert message_attributes() == {}
    with within(CALLER):
        sent = message_attributes()
    assert sent == {"MessageAttributes": {"traceparent": {"DataType": "String", "StringValue": CALLER}}}


@pytest.mark.parametrize(("ratio", "recorded"), [(0.0, 0), (1.0, 400)])
def test_none_and_all_are_exact(ratio: float, recorded: int) -> None:
    assert sum(parent_of(continue_trace(None, ratio))[1] for _ in range(400)) == recorded


def test_a_share_of_the_traces_begun_here_is_recorded() -> None:
    assert 300 < sum(parent_of(continue_trace(None, 0.25))[1] for _ in range(2000)) < 700  # 500, give or take 10 sigma


def test_a_sink_that_breaks_fails_nobody_and_is_named_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    before = sinks._build

    class Breaking(Kept):
        def export(self, span: Span) -> None:
            raise OSError("not-a-real-secret-1")

        def event_over(self) -> None:
            raise ValueError("not-a-real-secret-2")

        def close(self, within_s: float) -> None:
            raise TimeoutError("not-a-real-secret-3")

    sinks.close()
    sinks.install(lambda: sinks.Sinks(spans=Breaking(), sample_ratio=1.0))
    with caplog.at_level("WARNING", logger="integrations_hub"):
        with span("one"):
            pass
        sinks.sinks().event_over()
        sinks.close()
    sinks.install(before)
    assert [record.message for record in caplog.records] == [
        "telemetry was lost: OSError",
        "telemetry was lost: ValueError",
        "telemetry was lost: TimeoutError",
    ]


def test_a_sink_that_cannot_be_built_is_named_once_and_missed_by_nobody(caplog: pytest.LogCaptureFixture) -> None:
    before = sinks._build

    def broken() -> sinks.Sinks:
        raise ModuleNotFoundError("prometheus_client is not installed: install integrations-hub[prometheus]")

    sinks.close()
    sinks.install(broken)
    with caplog.at_level("ERROR", logger="integrations_hub"):
        for _ in range(3):
            with traces.span("one"):
                pass
    sinks.close()
    sinks.install(before)
    assert [record.message for record in caplog.records] == [
        "nothing is measured: prometheus_client is not installed: install integrations-hub[prometheus]"
    ]
