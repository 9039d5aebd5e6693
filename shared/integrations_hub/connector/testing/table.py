"""The table of cases: what each is called, what it is about, and which connectors it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

__all__ = ["CASES", "Case", "Need", "case", "markdown"]

MethodT = TypeVar("MethodT", bound=Callable[..., None])


class Need(StrEnum):
    """What a connector must have for a case to say anything about it."""

    NETWORK = "network"
    CREDENTIAL = "credential"
    CA_BUNDLE = "caBundle"
    RESOURCES = "resource_kinds"
    WEBHOOKS = "webhooks"
    SIGNED_BODY = "signed body"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the method that runs it, the sentence it holds a connector to, and what it needs."""

    name: str
    sentence: str
    needs: tuple[Need, ...]


CASES: dict[str, Case] = {}


def case(*needs: Need) -> Callable[[MethodT], MethodT]:
    """Enter a method into the table; the first line of its docstring is the sentence."""

    def enter(method: MethodT) -> MethodT:
        sentence = (method.__doc__ or "").strip().splitlines()[0]
        CASES[method.__name__] = Case(method.__name__, sentence, needs)
        return method

    return enter


def markdown(cases: Mapping[str, Case]) -> Iterator[str]:
    """Yield the table as the documentation has it, line by line."""
    yield "| case | holds a connector to | only for |"
    yield "|---|---|---|"
    for one in cases.values():
        yield f"| `{one.name}` | {one.sentence} | {', '.join(one.needs)} |"
