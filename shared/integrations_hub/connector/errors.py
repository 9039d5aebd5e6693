"""How a connector says that a check failed, or that a config is wrong. Neither is a fault of the hub's."""

from __future__ import annotations

from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["CheckFailed", "ConfigInvalid"]


class CheckFailed(Exception):
    """A step of a check failed: why, what was seen, and what a person can do about it.

    `step` overrides the step under way (a TLS error seen while asking for the product is a `tls` failure);
    `retry_after_s` is the provider's own wish, in seconds; `cause` is the hub's own: what other failures share with
    this one, such as `backend:vault`.
    """

    def __init__(
        self,
        reason: Reason,
        evidence: str,
        remedy: str = "",
        *,
        step: StepName | None = None,
        retry_after_s: float | None = None,
        cause: str | None = None,
    ) -> None:
        """Keep the verdict; `evidence` must be free of secrets."""
        super().__init__(f"{reason}: {evidence}")
        self.reason = reason
        self.evidence = evidence
        self.remedy = remedy
        self.step = step
        self.retry_after_s = retry_after_s
        self.cause = cause


class ConfigInvalid(Exception):
    """A config does not fit its connector: pairs of JSON pointer (RFC 6901) and sentence, never the value."""

    def __init__(self, violations: tuple[tuple[str, str], ...]) -> None:
        """Keep where and why."""
        super().__init__("; ".join(f"{pointer or '/'}: {sentence}" for pointer, sentence in violations))
        self.violations = violations
