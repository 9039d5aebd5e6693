"""What a check yields: its steps, and what they add up to. Data, without pydantic and without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["CheckResult", "CredentialFacts", "Endpoint", "Step", "StepStatus", "Target"]


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
    """The root of a provider's API, which a check never leaves, and what connecting to it takes.

    `ca_bundle` is PEM and takes the place of the system's trust store; `client_certificate_ref` is an AuthRef, which
    the host resolves for the call; `proxy` is `http://host[:port]`, one that the operator names.
    """

    url: str
    ca_bundle: str | None = None
    client_certificate_ref: str | None = None
    proxy: str | None = None


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
class CredentialFacts:
    """What is known of a secret beside its value; None is what its backend does not say.

    `revision` is another text after each rotation: `v:` and the backend's version, or `h<key>:` and a fingerprint
    under the deployment's key.
    """

    revision: str | None = None
    rotated_at: datetime | None = None
    ends_at: datetime | None = None

    def replaces(self, earlier: CredentialFacts) -> bool:
        """Tell whether the secret was rotated since `earlier`; False where the two cannot be compared."""
        if self.rotated_at and earlier.rotated_at and self.rotated_at != earlier.rotated_at:
            return True
        mine, theirs = (self.revision or "").partition(":"), (earlier.revision or "").partition(":")
        return mine[0] == theirs[0] and mine[2] != theirs[2]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. `retry_after_s` is the provider's own wish, in seconds from now.

    A quota that is used up is such a wish too, whatever else the check found. The hub adds what it knows and the
    connector does not: `facts` of the secret it used, and the `cause` of a failure that others share with it
    (`backend:vault`).
    """

    steps: tuple[Step, ...]
    latency_ms: float
    credential_ends_at: datetime | None = None
    retry_after_s: float | None = None
    certificate_ends_at: datetime | None = None
    facts: CredentialFacts | None = None
    cause: str | None = None

    @property
    def decisive(self) -> Step | None:
        """Return the step that decides: the failed one, else the first degraded one, else none."""
        degraded = None
        for step in self.steps:  # asked for many times per check: a generator each costs three times as much
            if step.status is StepStatus.FAILED:
                return step
            if degraded is None and step.status is StepStatus.DEGRADED:
                degraded = step
        return degraded

    @property
    def failed(self) -> bool:
        """Tell whether a step failed."""
        decisive = self.decisive
        return decisive is not None and decisive.status is StepStatus.FAILED

    @property
    def reason(self) -> Reason:
        """Return the reason of the decisive step, `ok` when there is none."""
        decisive = self.decisive
        return decisive.reason if decisive else Reason.OK
