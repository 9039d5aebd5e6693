"""The platform of one tenant, in memory: what there is, and the rules of promoting, approving and rejecting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from devserver.model import Decision, Environment, Promotion, Release, Status
from devserver.progress import Timing, advance
from devserver.refusals import Conflict, NotAllowed, NotFound

__all__ = ["Platform"]


class Platform:
    """Releases, environments and promotions. Safe to share between threads."""

    def __init__(
        self,
        releases: Sequence[Release],
        environments: Sequence[Environment],
        promotions: Sequence[Promotion] = (),
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with these."""
        self._releases: Mapping[str, Release] = {release.id: release for release in releases}
        self._environments = sorted(environments, key=lambda environment: environment.order)
        self._promotions = {promotion.id: promotion for promotion in promotions}
        self._timing, self._clock = timing, clock
        self._lock = threading.RLock()

    def now(self) -> float:
        """Return the platform's time."""
        return self._clock()

    def releases(self) -> Sequence[Release]:
        """Return the releases, the newest first."""
        return sorted(self._releases.values(), key=lambda release: release.created_at, reverse=True)

    def release(self, id_: str) -> Release:
        """Return one release.

        Raises:
            NotFound: there is none of that id.
        """
        if id_ not in self._releases:
            raise NotFound("RELEASE_NOT_FOUND", "There is no release of this id.")
        return self._releases[id_]

    def environments(self) -> Sequence[Environment]:
        """Return the environments, in the order releases move through them."""
        return self._environments

    def current(self, environment: Environment) -> tuple[Release, float] | None:
        """Return what was deployed to an environment last, and when."""
        done = [one for one in self.promotions([Status.DEPLOYED]) if one.target.id == environment.id]
        latest = max(done, key=lambda one: one.changed_at, default=None)
        return (latest.release, latest.changed_at) if latest else None

    def promotions(self, statuses: Collection[str] = ()) -> Sequence[Promotion]:
        """Return the promotions of these statuses, of all without any, the newest first."""
        with self._lock:
            known = [self._advanced(id_) for id_ in self._promotions]
            found = [_copy(one) for one in known if not statuses or one.status in statuses]
        return sorted(found, key=lambda one: (one.requested_at, one.id), reverse=True)

    def promotion(self, id_: str) -> Promotion:
        """Return one promotion as it stands.

        Raises:
            NotFound: there is none of that id.
        """
        with self._lock:
            return _copy(self._advanced(id_))

    def promote(self, release_id: str, environment_id: str, by: str, reason: str = "") -> Promotion:
        """Ask for a release to be promoted.

        Raises:
            NotFound: there is no such release or environment.
            Conflict: the release is not finalized, not in the environment before, or on its way already.
        """
        with self._lock:
            release, target = self.release(release_id), self._environment(environment_id)
            before = [one for one in self._environments if one.order < target.order]
            source = before[-1] if before else None
            self._check(release, source, target)
            now = self._clock()
            id_ = f"prm-{len(self._promotions) + 1:04}"
            promotion = Promotion(id_, release, source, target, by, now, reason, changed_at=now)
            self._promotions[id_] = promotion
            return _copy(promotion)

    def approve(self, id_: str, by: str, comment: str = "") -> Promotion:
        """Add one person's approval.

        Raises:
            NotFound, NotAllowed, Conflict: as `_decidable` says.
        """
        with self._lock:
            promotion = self._decidable(id_, by)
            if promotion.requested_by == by:
                raise NotAllowed("OWN_PROMOTION", "You asked for this promotion: somebody else has to approve it.")
            promotion.approvals.append(Decision(by, self._clock(), comment))
            return self.promotion(id_)

    def reject(self, id_: str, by: str, reason: str) -> Promotion:
        """End a promotion.

        Raises:
            NotFound, NotAllowed, Conflict: as `_decidable` says.
        """
        with self._lock:
            promotion = self._decidable(id_, by)
            now = self._clock()
            promotion.rejection = Decision(by, now, reason)
            promotion.status, promotion.changed_at = Status.REJECTED, now
            return _copy(promotion)

    def _advanced(self, id_: str) -> Promotion:
        if id_ not in self._promotions:
            raise NotFound("PROMOTION_NOT_FOUND", "There is no promotion of this id.")
        advance(self._promotions[id_], self._clock(), self._timing)
        return self._promotions[id_]

    def _environment(self, id_: str) -> Environment:
        found = next((one for one in self._environments if one.id == id_), None)
        if found is None:
            raise NotFound("ENVIRONMENT_NOT_FOUND", "There is no environment of this id.")
        return found

    def _check(self, release: Release, source: Environment | None, target: Environment) -> None:
        if release.status != "finalized":
            raise Conflict("RELEASE_NOT_FINALIZED", f"{release.name} {release.version} is not finalized yet.")
        theirs = [one for one in self.promotions() if one.release.id == release.id]
        if any(one.target.id == target.id and one.status.is_open for one in theirs):
            raise Conflict("ALREADY_PROMOTING", f"{release.name} {release.version} is on its way to {target.name}.")
        deployed = {one.target.id for one in theirs if one.status is Status.DEPLOYED}
        if source is not None and source.id not in deployed:
            raise Conflict(
                "NOT_IN_SOURCE",
                f"{release.name} {release.version} was never deployed to {source.name}. Promote it there first.",
            )

    def _decidable(self, id_: str, by: str) -> Promotion:
        """Return a promotion this person may decide about."""
        promotion = self._advanced(id_)
        approvers = promotion.target.approvers
        if approvers and by not in approvers:
            raise NotAllowed("NOT_AN_APPROVER", f"For {promotion.target.name} decide: {', '.join(approvers)}.")
        if any(decision.by == by for decision in promotion.approvals):
            raise Conflict("ALREADY_DECIDED", "You approved this promotion before: somebody else has to as well.")
        if promotion.status is not Status.AWAITING_APPROVAL:
            raise Conflict("NOT_AWAITING_APPROVAL", f"This promotion is {promotion.status}: nothing is to be decided.")
        return promotion


def _copy(promotion: Promotion) -> Promotion:
    """Return what stays as it is while the promotion moves on."""
    return replace(promotion, approvals=list(promotion.approvals))
