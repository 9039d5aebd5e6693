"""Rests: what a provider asked for once is obeyed by whoever would ask it next with the same credential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.results import CheckResult, Step, StepStatus

__all__ = ["Rests", "left_alone"]

_REMEMBERED = 10_000
CountedBy = tuple[str, str, str]
"""What a provider counts requests by: tenant, host, credential."""


def left_alone(wait_s: float) -> CheckResult:
    """Return the result of a check that was not made, because the provider is to be left alone for so many seconds."""
    evidence = f"not asked: the provider wants no requests with this credential for another {ceil(wait_s)} s"
    remedy = "Wait; lengthen checkIntervalSeconds when this is frequent."
    step = Step(StepName.QUOTA, StepStatus.FAILED, 0.0, evidence, Reason.RATE_LIMITED, remedy)
    return CheckResult((step,), 0.0, retry_after_s=wait_s)


@dataclass(frozen=True, slots=True)
class Rests:
    """What providers asked this process for: obeyed at once, before storage tells the others of it."""

    now: Callable[[], datetime]
    _until: dict[CountedBy, datetime] = field(default_factory=dict)

    def left_s(self, counted_by: CountedBy) -> float:
        """Return for how many seconds a provider is to be left alone, 0 when it may be asked."""
        until = self._until.get(counted_by)
        return max((until - self.now()).total_seconds(), 0.0) if until else 0.0

    def note(self, counted_by: CountedBy, wait_s: float | None) -> None:
        """Remember what a provider asked for; a longer wish stays."""
        if not wait_s:
            return
        if len(self._until) >= _REMEMBERED:
            self._until.clear()
        until = self.now() + timedelta(seconds=wait_s)
        self._until[counted_by] = max(self._until.get(counted_by, until), until)
