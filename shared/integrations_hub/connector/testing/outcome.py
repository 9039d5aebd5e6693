"""What came of one call, and the sentence for whoever has to mend the connector."""

from __future__ import annotations

import traceback
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

import pytest

from integrations_hub.connector.contract import CheckResult
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["Outcome", "expect", "fail"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call of a connector ended, before the hub tidies anything up.

    A check leaves `result`, other calls their `value`; `raised` is what the connector raised, None when it returned.
    """

    result: CheckResult | None
    value: object
    raised: Exception | None

    @property
    def reason(self) -> Reason:
        """Return the reason the hub would write down."""
        if self.crashed:
            return Reason.CONNECTOR_CRASHED
        if self.result and (self.result.failed or self.raised is None):
            return self.result.reason
        if isinstance(self.raised, CheckFailed):
            return self.raised.reason
        return Reason.TIMEOUT if self.raised else Reason.OK

    @property
    def failed(self) -> bool:
        """Tell whether the hub would take it for a failure."""
        return self.raised is not None or (self.result is not None and self.result.failed)

    @property
    def retry_after_s(self) -> float | None:
        """Return the provider's wish, in seconds."""
        if isinstance(self.raised, CheckFailed):
            return self.raised.retry_after_s
        return self.result.retry_after_s if self.result else None

    @property
    def crashed(self) -> bool:
        """Tell whether the connector raised what the contract does not know."""
        return self.raised is not None and not isinstance(self.raised, CheckFailed | TimeoutError)


def expect(outcome: Outcome, reasons: Collection[Reason], when: str) -> None:
    """Fail the case unless a call ended with one of these reasons."""
    if outcome.reason not in reasons:
        wanted = " or ".join(sorted(reasons))
        fail(f"{when}: the reason is `{outcome.reason}`; it must be {wanted}.", outcome)


def fail(sentence: str, outcome: Outcome | None = None) -> NoReturn:
    """Fail the case with a sentence, and where the connector crashed."""
    pytest.fail(f"{sentence}{_told(outcome)}", pytrace=False)


def _told(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.crashed and outcome.raised:
        return "\nIt raised:\n" + "".join(traceback.format_exception(outcome.raised)).rstrip()
    step = outcome.result.decisive if outcome.result else None
    said = f"\nThe step `{step.name}` says: {step.evidence}" if step else ""
    return said or (f"\nIt says: {outcome.raised}" if outcome.raised else "")
