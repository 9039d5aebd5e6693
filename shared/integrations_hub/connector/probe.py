"""One call about one integration: what the connector may use; and for a check, the steps it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Generic

from integrations_hub.connector.config import ConfigT
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.results import CheckResult, Step, StepStatus

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender
    from integrations_hub.connector.redaction import Redactor, Secret

__all__ = ["Access", "Credential", "Probe", "StepNote"]


@dataclass(frozen=True)
class Credential:
    """The secret of one call as named fields: `username`, `password`, `token`, `private_key`, `webhook_secret`.

    There are no fields where the integration names no secret, as it may when its connector's `credential` is optional.
    `allowed_hosts` is where its owner lets it go, None when they do not say.
    """

    fields: Mapping[str, Secret] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] | None = None

    @cached_property
    def redactor(self) -> Redactor:
        """Return what takes it out of texts: worked out once, and kept as long as the secret itself."""
        from integrations_hub.connector.redaction import Redactor  # noqa: PLC0415 - who only reads schemas needs none

        return Redactor(self.fields.values())

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


class Access(Generic[ConfigT]):
    """What a connector may use in one call: the integration's config, its credential, and a bounded sender."""

    def __init__(self, config: ConfigT, credential: Credential, http: Sender) -> None:
        """Hold what the connector may use during this call."""
        self.config = config
        self.credential = credential
        self.http = http

    def beyond(self, url: str) -> Sender:
        """Return a sender for another address the provider names (a token service), within the same call and guard.

        The credential may go there: an https address on the endpoint's own site, or one its `allowed_hosts` lists
        (http beside an http endpoint). The address is that sender's base, which it never leaves, without a trailing
        slash; where the last slash of a path counts, give the origin here and the path to the sender.

        Raises:
            CheckFailed: `wrong_product` for any other, and for one that holds a query, a user name or another thing
                an endpoint may not hold.
        """
        return self.http.beyond(url, self.credential.allowed_hosts or ())


class Probe(Access[ConfigT]):
    """One check of one integration: what the connector may use, and the steps so far."""

    def __init__(self, config: ConfigT, credential: Credential, http: Sender, sequence: int = 0) -> None:
        """Begin the check; `sequence` counts the checks that came before."""
        super().__init__(config, credential, http)
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
        note, started = StepNote(), perf_counter()
        try:
            yield note
        except CheckFailed as failure:
            self._fail(name, started, failure)
            raise
        except BaseException as raised:
            from asyncio import CancelledError  # noqa: PLC0415 - who only reads schemas imports no event loop

            if isinstance(raised, CancelledError):
                # the caller's deadline for the whole check: say where it struck
                evidence, remedy = "the check's time was up in this step", "Look at the provider's load."
                cut_off = CheckFailed(Reason.TIMEOUT, evidence, remedy, step=self.http.step_under_way)
                self._fail(name, started, cut_off)
            raise
        duration = self._duration(started)
        status = StepStatus.PASSED if note.reason is Reason.OK else StepStatus.DEGRADED
        self._steps.append(Step(name, status, duration, note.evidence, note.reason, note.remedy))

    def result(self) -> CheckResult:
        """Return what the check found so far."""
        latency = (perf_counter() - self._started) * 1000
        ends, certificate = self.credential_ends_at, self.http.certificate_ends_at
        wait_s = self._retry_after_s or self.http.quota_rest_s
        return CheckResult(tuple(self._steps), latency, ends, wait_s, certificate)

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
