"""W3C Trace Context: continue the caller's trace, or begin one (https://www.w3.org/TR/trace-context/#traceparent-header)."""

from __future__ import annotations

import os
import re

__all__ = ["continue_trace", "trace_id"]

# All versions but ff are read as version 00 is; all-zero ids are invalid (§3.2.2).
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})"
)


def continue_trace(traceparent: str | None) -> str:
    """Return the traceparent of our own span: same trace as the caller's when that is well formed, else a new one."""
    parent = _TRACEPARENT.fullmatch(traceparent or "")
    trace, flags = (parent["trace"], parent["flags"]) if parent else (os.urandom(16).hex(), "00")
    return f"00-{trace}-{os.urandom(8).hex()}-{flags}"


def trace_id(traceparent: str) -> str:
    """Return the 32 hex digits of the trace, or nothing when there are none."""
    found = _TRACEPARENT.fullmatch(traceparent)
    return found["trace"] if found else ""
