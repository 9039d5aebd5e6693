import pytest

from integrations_hub.observability.trace_context import continue_trace, trace_id

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_the_callers_trace_goes_on_under_a_span_of_our_own() -> None:
    ours = continue_trace(f"00-{TRACE}-{SPAN}-01")
    assert trace_id(ours) == TRACE
    assert SPAN not in ours
    assert ours.endswith("-01")


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "junk",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
    ],
)
def test_a_broken_traceparent_begins_a_new_trace(broken: str | None) -> None:
    ours = continue_trace(broken)
    assert len(trace_id(ours)) == 32
    assert trace_id(ours) != TRACE
