"""One check of one integration: what the connector may use, and the steps it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Generic

from integrations_hub.connector.config import ConfigT
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.results import CheckResult, Step, StepStatus

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender
    from integrations_hub.connector.redaction import Secret

__all__ = ["Credential", "Probe", "StepNote"]


@dataclass(frozen=True, slots=True)
class Credential:
    """The secret of one call as named fields: `username`, `password`, `token`, `private_key`, `webhook_secret`."""

    fields: Mapping[str, Secret] = field(default_factory=dict)

    def require(self, *names: str) -> tuple[Secret, ...]:
        """Return the named fields in order.

        Raises:
            CheckFailed: `invalid_config`, naming the fields the secret lacks.
        """
        missing = [name for name in names if name not in self.fields]
        if missing:
            raise CheckFailed(
                Reason.INVALID_CONFIG,
                f"the secret has no field {', '.join(missing)}",
                f"Store the secret with the fields {', '.join(names)}.",
                step=StepName.AUTHENTICATE,
            )
        return tuple(self.fields[name] for name in names)


class StepNote:
    """What a running step has to say; a connector fills it in."""

    def __init__(self) -> None:
        """Start with nothing said and everything well."""
        self.evidence = ""
        self.reason = Reason.OK
        self.remedy = ""

    def degrade(self, reason: Reason, evidence: str, remedy: str) -> None:
        """Let the step pass, but say what is not as it should be."""
        self.reason, self.evidence, self.remedy = reason, evidence, remedy


class Probe(Generic[ConfigT]):
    """One check of one integration: its config, its credential, a bounded sender, and the steps so far."""

    def __init__(self, config: ConfigT, credential: Credential, http: Sender, sequence: int = 0) -> None:
        """Hold what the connector may use during this call; `sequence` counts the checks that came before."""
        self.config = config
        self.credential = credential
        self.http = http
        self.sequence = sequence
        self.credential_ends_at: datetime | None = None
        self._steps: list[Step] = []
        self._retry_after_s: float | None = None
        self._started = perf_counter()

    @asynccontextmanager
    async def step(self, name: StepName) -> AsyncIterator[StepNote]:
        """Run one step: time it, write down how it ended, and stop the check when it failed.

        Raises:
            CheckFailed: as raised inside; the step (and the network phases before it) are already written down.
        """
        from asyncio import CancelledError  # noqa: PLC0415 - who only reads schemas imports no event loop

        note, started = StepNote(), perf_counter()
        try:
            yield note
        except CheckFailed as failure:
            self._fail(name, started, failure)
            raise
        except CancelledError:
            # the caller's deadline for the whole check: say where it struck
            evidence = "the check's time was up in this step"
            step = self.http.step_under_way
            self._fail(name, started, CheckFailed(Reason.TIMEOUT, evidence, "Look at the provider's load.", step=step))
            raise
        duration = self._duration(started)
        status = StepStatus.PASSED if note.reason is Reason.OK else StepStatus.DEGRADED
        self._steps.append(Step(name, status, duration, note.evidence, note.reason, note.remedy))

    def result(self) -> CheckResult:
        """Return what the check found so far."""
        latency = (perf_counter() - self._started) * 1000
        ends, certificate = self.credential_ends_at, self.http.certificate_ends_at
        return CheckResult(tuple(self._steps), latency, ends, self._retry_after_s, certificate)

    def _fail(self, name: StepName, started: float, failure: CheckFailed) -> None:
        duration, failed = self._duration(started), failure.step or name
        self._retry_after_s = failure.retry_after_s
        self._steps = [step for step in self._steps if step.name is not failed]
        step = Step(failed, StepStatus.FAILED, duration, failure.evidence, failure.reason, failure.remedy)
        self._steps.append(step)

    def _duration(self, started: float) -> float:
        """Put the connection's own phases before the step that opened it, once; return the step's own milliseconds."""
        duration = (perf_counter() - started) * 1000
        have = {step.name for step in self._steps}
        for phase in self.http.take_phases():
            duration -= phase.duration_ms
            if phase.name not in have:
                have.add(phase.name)
                self._steps.append(Step(phase.name, StepStatus.PASSED, phase.duration_ms, phase.evidence))
        return max(duration, 0.0)
