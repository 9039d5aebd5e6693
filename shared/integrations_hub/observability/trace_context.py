"""W3C Trace Context: continue the caller's trace, or begin one (https://www.w3.org/TR/trace-context/#traceparent-header)."""

from __future__ import annotations

import os
import re

__all__ = ["continue_trace", "parent_of", "trace_id"]

# All versions but ff are read as version 00 is; all-zero ids are invalid (§3.2.2).
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_SAMPLED = 1  # §3.2.2.3.1
_RANDOM_BITS = 2**56  # of a trace id, its last seven bytes (level 2, §3.2.2.3.2)


def continue_trace(traceparent: str | None, sample_ratio: float = 0.0) -> str:
    """Return the traceparent of our own span: same trace as the caller's when that is well formed, else a new one.

    Whether a trace is recorded is for whoever began it to say; of those begun here, this share of them is.
    """
    parent = _TRACEPARENT.fullmatch(traceparent or "")
    if parent:
        return f"00-{parent['trace']}-{os.urandom(8).hex()}-{parent['flags']}"
    trace = os.urandom(16).hex()
    sampled = int(trace[-14:], 16) < sample_ratio * _RANDOM_BITS
    return f"00-{trace}-{os.urandom(8).hex()}-{_SAMPLED if sampled else 0:02x}"


def trace_id(traceparent: str) -> str:
    """Return the 32 hex digits of the trace, or nothing when there are none."""
    found = _TRACEPARENT.fullmatch(traceparent)
    return found["trace"] if found else ""


def parent_of(traceparent: str | None) -> tuple[str, bool]:
    """Return the 16 hex digits of the span and whether it is recorded; nothing, and False, when there is none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return (found["span"], bool(int(found["flags"], 16) & _SAMPLED)) if found else ("", False)
