"""What a connector is: the contract between the hub and a plugin that knows one provider.

A connector declares what it is (type, category, capabilities, a pydantic model of its config) and answers
questions about one integration at a time. A check is a list of steps, stopped at the first that fails:

    class MyConnector(Connector[MyConfig]):
        type, category, version = "mine", Category.REGISTRY, "1.0.0"
        config_model = MyConfig

        def endpoint(self, config): return Endpoint(config.endpoint)

        async def check_health(self, probe):
            async with probe.step(StepName.PRODUCT) as step:
                answer = await probe.http.get("version")
                step.evidence = judge(answer)      # or raise CheckFailed(Reason.WRONG_PRODUCT, …)

Unhealthy is data: a connector raises `CheckFailed` for it and the probe writes the step down. Anything else it
raises is the connector's own bug and is reported as `connector_crashed`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from integrations_hub.connector.config_safety import find_secrets, violations_of
from integrations_hub.connector.errors import CheckFailed, ConfigInvalid
from integrations_hub.connector.reasons import Reason, StepName

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender
    from integrations_hub.connector.redaction import Secret


__all__ = [
    "Capability",
    "Category",
    "CheckResult",
    "Connector",
    "ConnectorConfig",
    "Credential",
    "CredentialNeed",
    "Endpoint",
    "Probe",
    "Step",
    "StepNote",
    "StepStatus",
    "Target",
]


class Category(StrEnum):
    """What kind of tool a provider is; open: a new kind is a new string here and nowhere else."""

    SCM = "scm"
    REGISTRY = "registry"
    CI = "ci"
    TEST = "test"


class Capability(StrEnum):
    """What a connector can do beyond the check every connector has."""

    DISCOVER = "discover"
    WEBHOOK = "webhook"


class CredentialNeed(StrEnum):
    """Whether an integration of this type must name a secret."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class StepStatus(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Target:
    """The host and port a config points at: what per-host limits and `allowed_hosts` are about."""

    host: str
    port: int

    @classmethod
    def of_url(cls, url: str) -> Target:
        """Return the target of a URL; port 0 when its scheme has none of its own."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0))

    def __str__(self) -> str:
        """Write `host:port`, as it is stored."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The root of a provider's API, which a check never leaves, and the CA bundle (PEM) it is verified against."""

    url: str
    ca_bundle: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check: what was tried, how long it took in milliseconds, what was seen, what to do."""

    name: StepName
    status: StepStatus
    duration_ms: float
    evidence: str
    reason: Reason = Reason.OK
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. `retry_after_s` is the provider's own wish, in seconds from now."""

    steps: tuple[Step, ...]
    latency_ms: float
    credential_ends_at: datetime | None = None
    retry_after_s: float | None = None
    certificate_ends_at: datetime | None = None

    @property
    def decisive(self) -> Step | None:
        """Return the step that decides: the failed one, else the first degraded one, else none."""
        failed = next((step for step in self.steps if step.status is StepStatus.FAILED), None)
        return failed or next((step for step in self.steps if step.status is StepStatus.DEGRADED), None)

    @property
    def failed(self) -> bool:
        """Tell whether a step failed."""
        return any(step.status is StepStatus.FAILED for step in self.steps)

    @property
    def reason(self) -> Reason:
        """Return the reason of the decisive step, `ok` when there is none."""
        return self.decisive.reason if self.decisive else Reason.OK


class ConnectorConfig(BaseModel):
    """Base of every connector's config: frozen, unknown fields refused, camelCase on the wire, no secret field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        hide_input_in_errors=True,
    )


ConfigT = TypeVar("ConfigT", bound=ConnectorConfig)
ConfigModel = type[ConnectorConfig]  # named here because a connector's `type` is its provider's


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


class Connector(ABC, Generic[ConfigT]):
    """A plugin that knows one provider. Stateless: one instance serves every tenant and many calls at once."""

    type: ClassVar[str]
    category: ClassVar[str]
    version: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    credential: ClassVar[CredentialNeed] = CredentialNeed.REQUIRED
    config_model: ClassVar[ConfigModel]

    @abstractmethod
    def endpoint(self, config: ConfigT) -> Endpoint:
        """Return the API root this config points at, without any I/O."""

    @abstractmethod
    async def check_health(self, probe: Probe[ConfigT]) -> None:
        """Check one integration step by step; return when all is well.

        Raises:
            CheckFailed: when a step failed; the reason says how.
        """

    def target(self, config: ConfigT) -> Target:
        """Return the host and port this config points at, without any I/O."""
        return Target.of_url(self.endpoint(config).url)

    def validate_config(self, config: Mapping[str, object]) -> ConfigT:
        """Return the config as the connector's model, in normal form.

        Raises:
            ConfigInvalid: with every place that is wrong; a pasted secret is refused before anything else looks at it.
        """
        found = find_secrets(config)
        if found:
            raise ConfigInvalid(found)
        violations: tuple[tuple[str, str], ...]
        try:
            return cast("ConfigT", self.config_model.model_validate(config))
        except ValidationError as invalid:
            violations = violations_of(invalid, config)
        # raised here: pydantic's error holds the input
        raise ConfigInvalid(violations)

    def config_schema(self) -> dict[str, object]:
        """Return the config's JSON Schema (2020-12), which drives forms."""
        return self.config_model.model_json_schema()
