"""What every tenant begins with: enough of each kind to see each state."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from devserver.model import Component, Decision, Environment, FreezeWindow, Promotion, Release, Status
from devserver.platform import Platform
from devserver.progress import Timing

__all__ = ["seeded"]

_HOUR, _DAY = 3600.0, 86400.0
Step = tuple[Environment | None, Environment]
_APPROVERS = ("alice", "bob", "dave")


def seeded(clock: Callable[[], float], timing: Timing) -> Platform:
    """Return a platform whose past is dated back from now."""
    now = clock()
    dev = Environment("env-dev", "dev", "Development", 0)
    stage = Environment("env-stage", "stage", "Staging", 1, required_approvals=1)
    freeze = FreezeWindow(now + 30 * _DAY, now + 37 * _DAY, "End of the quarter")
    prod = Environment("env-prod", "prod", "Production", 2, True, 2, _APPROVERS, (freeze,))  # noqa: FBT003
    frozen = FreezeWindow(now - _DAY, now + 13 * _DAY, "The disaster recovery rehearsal")
    recovery = Environment("env-recovery", "recovery", "Disaster recovery", 3, True, 0, (), (frozen,))  # noqa: FBT003
    old = _release("checkout", "2.3.0", now - 9 * _DAY)
    current = _release("checkout", "2.4.0", now - 4 * _DAY)
    new = _release("checkout", "2.4.1", now - _DAY)
    draft = _release("checkout", "2.5.0", now - _HOUR, "draft")
    failing = _release("payments", "1.9.0", now - 3 * _DAY, fails_in=frozenset({"stage"}))
    promotions = [
        _done("prm-0001", old, (None, dev), now - 9 * _DAY),
        _done("prm-0002", old, (dev, stage), now - 8 * _DAY),
        _done("prm-0003", old, (stage, prod), now - 7 * _DAY),
        _done("prm-0004", current, (None, dev), now - 4 * _DAY),
        _done("prm-0005", current, (dev, stage), now - 3 * _DAY),
        _done("prm-0006", current, (stage, prod), now - 2 * _DAY),
        _done("prm-0007", failing, (None, dev), now - 3 * _DAY + _HOUR),
        _done("prm-0008", failing, (dev, stage), now - 2 * _DAY, Status.FAILED),
        _done("prm-0009", new, (None, dev), now - 20 * _HOUR),
        _done("prm-0010", new, (dev, stage), now - 10 * _HOUR),
        _done("prm-0011", old, (stage, prod), now - 8 * _DAY, Status.ROLLED_BACK),
        _done("prm-0012", old, (stage, prod), now - 8 * _DAY - _HOUR, Status.CANCELLED),
        _waiting("prm-0013", new, (stage, prod), now - _HOUR),
    ]
    return Platform(
        [old, current, new, draft, failing], [dev, stage, prod, recovery], promotions, timing=timing, clock=clock
    )


def _release(
    name: str, version: str, at: float, status: str = "finalized", fails_in: frozenset[str] = frozenset()
) -> Release:
    components = [
        Component(part, f"registry.example.com/{name}/{part}", _digest(name, version, part), "harbor")
        for part in ("api", "web")
    ]
    return Release(f"rel-{name}-{version}", name, version, status, components, at, "alice", fails_in)


def _digest(*words: str) -> str:
    return f"sha256:{sha256(' '.join(words).encode()).hexdigest()}"


def _done(id_: str, release: Release, step: Step, at: float, status: Status = Status.DEPLOYED) -> Promotion:
    source, target = step
    approvals = [Decision(by, at, "Looks good.") for by in _APPROVERS[1 : 1 + target.required_approvals]]
    return Promotion(id_, release, source, target, "alice", at - _HOUR, "", status, at, approvals)


def _waiting(id_: str, release: Release, step: Step, at: float) -> Promotion:
    """Return one that alice asked for and dave approved: it takes bob."""
    source, target = step
    first = Decision("dave", at + 60, "The tests on stage are green.")
    return Promotion(
        id_, release, source, target, "alice", at, "Fixes the rounding", Status.AWAITING_APPROVAL, at, [first]
    )
