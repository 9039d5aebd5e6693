"""How a promotion moves on by itself: a function of time alone, so that the same clock gives the same statuses."""

from __future__ import annotations

from dataclasses import dataclass

from devserver.model import Promotion, Status

__all__ = ["Timing", "advance"]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each stage takes, in seconds."""

    pending_s: float = 1.0
    approved_s: float = 2.0
    deploying_s: float = 6.0


def advance(promotion: Promotion, now: float, timing: Timing) -> None:
    """Bring a promotion to where it stands at `now`, each status at the moment it was reached."""
    while (following := _next(promotion, now, timing)) is not None:
        promotion.status, promotion.changed_at = following


def _next(promotion: Promotion, now: float, timing: Timing) -> tuple[Status, float] | None:
    """Return the next status and when it was reached, None where that is still to come."""
    since = promotion.changed_at
    if promotion.status is Status.PENDING:
        return _reached(Status.AWAITING_APPROVAL, since + timing.pending_s, now)
    if promotion.status is Status.AWAITING_APPROVAL:
        enough = len(promotion.approvals) >= promotion.target.required_approvals
        last = max([since, *(decision.at for decision in promotion.approvals)])
        return (_gate(promotion, last), last) if enough else None
    if promotion.status is Status.PENDING_GATE:
        return _reached(Status.APPROVED, promotion.target.frozen_until(since), now)
    if promotion.status is Status.APPROVED:
        return _reached(Status.DEPLOYING, since + timing.approved_s, now)
    if promotion.status is Status.DEPLOYING:
        fails = promotion.target.name in promotion.release.fails_in
        return _reached(Status.FAILED if fails else Status.DEPLOYED, since + timing.deploying_s, now)
    return None


def _gate(promotion: Promotion, at: float) -> Status:
    return Status.PENDING_GATE if promotion.target.frozen_until(at) > at else Status.APPROVED


def _reached(status: Status, at: float, now: float) -> tuple[Status, float] | None:
    return (status, at) if at <= now else None
