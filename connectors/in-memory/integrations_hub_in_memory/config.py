"""What an in-memory integration does on the n-th check, and what it has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from integrations_hub.connector.contract import ConnectorConfig
from integrations_hub.connector.reasons import EFFECTS, Effect, Reason

__all__ = [
    "Crash",
    "Degraded",
    "Expired",
    "Flap",
    "Hang",
    "Healthy",
    "InMemoryConfig",
    "RateLimited",
    "Slow",
    "Turn",
    "Unhealthy",
    "WrongProduct",
    "turn_at",
]


def _degrading(reason: Reason) -> Reason:
    """Return a reason that shows `degraded` and counts as success.

    Raises:
        ValueError: when the reason is another kind.
    """
    if reason is Reason.OK or not (EFFECTS[reason] is Effect.SUCCESS or reason is Reason.COMPONENT_DOWN):
        raise ValueError("This reason fails a check; use it with `unhealthy`.")
    return reason


def _failing(reason: Reason) -> Reason:
    """Return a reason that fails a step.

    Raises:
        ValueError: when the reason is another kind.
    """
    if EFFECTS[reason] is Effect.SUCCESS:
        raise ValueError("This reason does not fail a check; use it with `degraded`, or use `healthy`.")
    return reason


class _Turn(ConnectorConfig):
    checks: int = Field(default=1, ge=1, le=10_000, description="How many checks this lasts; the last turn lasts on")


class Healthy(_Turn):
    """All is well."""

    do: Literal["healthy"]


class Slow(_Turn):
    """All is well, late."""

    do: Literal["slow"]
    delay_ms: int = Field(ge=0, le=60_000, description="Milliseconds; over 20,000 a check's time is up")


class Degraded(_Turn):
    """It works, but not as it should."""

    do: Literal["degraded"]
    reason: Annotated[Reason, AfterValidator(_degrading)] = Reason.CREDENTIAL_EXPIRING


class Unhealthy(_Turn):
    """A step fails; `retryAfterS` is what a provider would ask for, in seconds."""

    do: Literal["unhealthy"]
    reason: Annotated[Reason, AfterValidator(_failing)] = Reason.SERVER_ERROR
    retry_after_s: float | None = Field(default=None, ge=0, le=3600)


class Flap(_Turn):
    """Good and bad by turns, each for `period` checks, good first."""

    do: Literal["flap"]
    period: int = Field(default=1, ge=1, le=1000, description="Checks until it changes")
    reason: Annotated[Reason, AfterValidator(_failing)] = Reason.SERVER_ERROR


class Expired(_Turn):
    """The provider does not know the credential any more."""

    do: Literal["expired"]


class RateLimited(_Turn):
    """The provider has had enough for now; `retryAfterS` is its wish, in seconds."""

    do: Literal["rate_limited"]
    retry_after_s: float = Field(default=60, ge=0, le=3600)


class WrongProduct(_Turn):
    """Something else answers at the address."""

    do: Literal["wrong_product"]


class Crash(_Turn):
    """The connector itself fails, as a badly written plugin would."""

    do: Literal["crash"]


class Hang(_Turn):
    """No answer comes, until the check's time is up."""

    do: Literal["hang"]


Turn = Annotated[
    Healthy | Slow | Degraded | Unhealthy | Flap | Expired | RateLimited | WrongProduct | Crash | Hang,
    Field(discriminator="do"),
]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[_Name, ...], Field(max_length=1000)]


class InMemoryConfig(ConnectorConfig):
    """What happens on each check, in order; and the names of what it enumerates."""

    script: tuple[Turn, ...] = Field(
        default=(Healthy(do="healthy"),),
        min_length=1,
        max_length=100,
        description="Played once; the last turn lasts on",
    )
    projects: Names = Field(default=(), description="Names of the projects it has, for `GET /{id}/resources`")
    repositories: Names = Field(default=(), description="Names of its repositories")


def turn_at(script: tuple[Turn, ...], sequence: int) -> tuple[Turn, int]:
    """Return the turn of the check number `sequence` (from 0), and how many checks into it that is."""
    for turn in script[:-1]:
        if sequence < turn.checks:
            return turn, sequence
        sequence -= turn.checks
    return script[-1], sequence
