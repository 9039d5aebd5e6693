"""Spans: who did what, how long it took, as part of which trace.

The span under way is kept in a `ContextVar`, as log keys are; tasks on the background loop begin with their caller's.
Nothing is imported for it: where spans go is installed by the composition root (`sinks`), else none is kept.
A span holds ids, names and verdicts of ours, never a text from outside: no evidence, no config, no message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from time import time_ns
from typing import TypeAlias

from integrations_hub.observability.sinks import sinks
from integrations_hub.observability.trace_context import continue_trace, parent_of

__all__ = [
    "Attributes",
    "Kind",
    "Span",
    "begin",
    "begun",
    "current",
    "end",
    "entered",
    "message_attributes",
    "ours",
    "span",
    "within",
]

Attributes: TypeAlias = Mapping[str, str | int | float | bool]

_CURRENT: ContextVar[str] = ContextVar("traceparent", default="")


class Kind(Enum):
    """What a span is to the trace (https://opentelemetry.io/docs/specs/otel/trace/api/#spankind)."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


@dataclass(slots=True)
class Span:
    """One span, under way or ended; times are nanoseconds since 1970, `parent_id` is empty at a trace's root."""

    name: str
    kind: Kind
    traceparent: str
    parent_id: str
    started_ns: int
    ended_ns: int = 0
    failed: bool = False
    attributes: dict[str, str | int | float | bool] = field(default_factory=dict)
    events: list[tuple[str, int, Attributes]] = field(default_factory=list)


def current() -> str:
    """Return the traceparent of the span under way; empty where none is."""
    return _CURRENT.get()


def ours(parent: str | None) -> str:
    """Return the traceparent of a span of ours that follows a caller's, or begins a trace."""
    return continue_trace(parent, sinks().sample_ratio)


def begin(name: str, kind: Kind = Kind.INTERNAL, parent: str = "", **attributes: str | float) -> Span:
    """Begin a span below `parent`, which is the one under way where none is given; `end` must follow."""
    above = parent or current()
    return begun(name, kind, ours(above), above, **attributes)


def begun(name: str, kind: Kind, own: str, parent: str | None, **attributes: str | float) -> Span:
    """Begin a span whose traceparent is given out already."""
    return Span(name, kind, own, parent_of(parent)[0], time_ns(), attributes={**attributes})


def end(span: Span, *, failed: bool = False) -> None:
    """End a span and hand it over, where its trace is recorded."""
    span.failed, span.ended_ns = span.failed or failed, time_ns()
    if parent_of(span.traceparent)[1]:
        sinks().export(span)


def message_attributes() -> dict[str, dict[str, dict[str, str]]]:
    """Return what an SQS message takes along, so that who receives it goes on with the trace under way."""
    if not current():
        return {}
    return {"MessageAttributes": {"traceparent": {"DataType": "String", "StringValue": current()}}}


@contextmanager
def entered(span: Span) -> Iterator[Span]:
    """Make a span the one under way, without ending it."""
    with within(span.traceparent):
        yield span


@contextmanager
def within(traceparent: str) -> Iterator[None]:
    """Let what runs inside belong to a trace; an empty one changes nothing."""
    token = _CURRENT.set(traceparent or current())
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def span(name: str, kind: Kind = Kind.INTERNAL, parent: str = "", **attributes: str | float) -> Iterator[Span]:
    """Span a block; an exception that leaves it makes it a failed one, without its words."""
    one = begin(name, kind, parent, **attributes)
    try:
        with entered(one):
            yield one
    except BaseException:
        one.failed = True
        raise
    finally:
        end(one)
