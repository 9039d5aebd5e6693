"""How the hub and an isolated connector say things to each other: what every line of `wire` has in common.

Everything is judged when it is read: types as they are, no field too many, numbers finite, words of the vocabulary.
To carry another operation of the contract, add a task (`from_hub`), its answer (`from_child`), and a row in
`worker.OPERATIONS`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.wire import ProtocolBroken

__all__ = ["Document", "Failure", "Message", "Name", "Text", "Word", "read_message"]

_DEPTH, _DOCUMENT = 64, 1 << 18
_LONGEST_WAIT_S = 6 * 3600.0

M = TypeVar("M")


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document that every JSON reader and the database take.

    Raises:
        ValueError: it holds NaN or NUL, is nested too deeply or is too large.
    """
    _walk(document, 1)
    if len(json.dumps(document, allow_nan=False)) > _DOCUMENT:
        raise ValueError("too large")
    return document


def _walk(value: object, depth: int) -> None:
    if depth > _DEPTH or (isinstance(value, str) and "\0" in value):
        raise ValueError("not a plain document")
    for inner in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        _walk(inner, depth + 1)


Document = Annotated[dict[str, Any], AfterValidator(_plain)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Name = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Text = Annotated[str, Field(max_length=65_536)]


class Message(BaseModel):
    """One line. Its repr holds no secret: the fields that may are left out of it."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    def line(self) -> bytes:
        """Return the line that says this."""
        return self.model_dump_json().encode() + b"\n"


class Failure(Message):
    """A `CheckFailed` as it travels."""

    reason: Reason
    evidence: Text
    remedy: Text
    step: StepName | None
    retry_after_s: float | None

    @classmethod
    def of(cls, failure: CheckFailed) -> Self:
        """Write a failure down."""
        return cls(
            reason=failure.reason,
            evidence=failure.evidence,
            remedy=failure.remedy,
            step=failure.step,
            retry_after_s=failure.retry_after_s,
        )

    def error(self) -> CheckFailed:
        """Return it as the exception it was."""
        wish = None if self.retry_after_s is None else min(max(self.retry_after_s, 0.0), _LONGEST_WAIT_S)
        return CheckFailed(self.reason, self.evidence, self.remedy, step=self.step, retry_after_s=wish)


def read_message(adapter: TypeAdapter[M], line: bytes) -> M:
    """Read one line.

    Raises:
        ProtocolBroken: it is none of the messages the adapter knows.
    """
    try:
        return adapter.validate_json(line)
    except ValidationError:
        pass  # raised below: pydantic's error knows the line
    raise ProtocolBroken("it said what is not in the protocol")
