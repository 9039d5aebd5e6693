"""What the platform is about. Times are in seconds since the epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Component", "Decision", "Environment", "FreezeWindow", "Promotion", "Release", "Status"]


class Status(StrEnum):
    """Where a promotion stands."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    PENDING_GATE = "pending_gate"
    APPROVED = "approved"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to come."""
        return self in _OPEN


_OPEN = {Status.PENDING, Status.AWAITING_APPROVAL, Status.PENDING_GATE, Status.APPROVED, Status.DEPLOYING}


@dataclass(frozen=True, slots=True)
class Component:
    """One image of a release; `registry` is the name of an integration."""

    name: str
    image: str
    digest: str
    registry: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """What is promoted as one. In the environments of `fails_in` its deployment fails, to have something to look at."""

    id: str
    name: str
    version: str
    status: str
    components: Sequence[Component]
    created_at: float
    created_by: str
    fails_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A time in which nothing is deployed."""

    begins: float
    ends: float
    reason: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Where releases are deployed to; without `approvers` whoever holds the scope may approve."""

    id: str
    name: str
    display_name: str
    order: int
    production: bool = False
    required_approvals: int = 0
    approvers: Sequence[str] = ()
    freeze_windows: Sequence[FreezeWindow] = ()

    def frozen_until(self, now: float) -> float:
        """Return when nothing keeps deployments any more: `now` itself where no window is open then."""
        ends = [window.ends for window in self.freeze_windows if window.begins <= now < window.ends]
        return self.frozen_until(max(ends)) if ends else now


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's approval or rejection."""

    by: str
    at: float
    comment: str = ""


@dataclass(slots=True)
class Promotion:
    """A release on its way into an environment."""

    id: str
    release: Release
    source: Environment | None
    target: Environment
    requested_by: str
    requested_at: float
    reason: str = ""
    status: Status = Status.PENDING
    changed_at: float = 0.0
    approvals: list[Decision] = field(default_factory=list)
    rejection: Decision | None = None
