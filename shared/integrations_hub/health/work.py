"""Work under way: checks that were begun, and their results as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future
from queue import Empty, SimpleQueue
from time import monotonic, sleep

from integrations_hub.connector.results import CheckResult
from integrations_hub.health.model import Claim
from integrations_hub.health.ports import ConnectorHost
from integrations_hub.health.service import job_of

__all__ = ["Finished", "Work"]

Finished = tuple[Claim, CheckResult]
_GATHERING_S, _LOOKING_S = 0.05, 0.01


class Work:
    """The checks one worker has begun."""

    def __init__(self, host: ConnectorHost) -> None:
        """Begin with none."""
        self._host = host
        self._under_way: dict[Future[CheckResult], Claim] = {}
        self._done: SimpleQueue[Future[CheckResult]] = SimpleQueue()

    def __len__(self) -> int:
        """Count the checks under way."""
        return len(self._under_way)

    def begin(self, claims: Iterable[Claim]) -> None:
        """Begin the checks of claims."""
        for claim in claims:
            future = self._host.submit(job_of(claim))
            self._under_way[future] = claim
            future.add_done_callback(self._done.put)

    def finished(self, within_s: float) -> Sequence[Finished]:
        """Return all that have ended, after waiting for one of them at most so many seconds.

        Then a moment for others, unless half have ended: written together they cost a fraction.
        """
        ended: list[Finished] = []
        try:
            ended += self._ended(self._done.get(timeout=max(within_s, 0.0)))
            gathered_at = monotonic() + min(within_s, _GATHERING_S)
            while self._done.qsize() < len(self) // 2 and monotonic() < gathered_at:
                sleep(_LOOKING_S)
            while True:
                ended += self._ended(self._done.get_nowait())
        except Empty:
            return ended

    def abandon(self) -> Sequence[Claim]:
        """End what is under way without a result; return its claims."""
        left = list(self._under_way.values())
        futures, self._under_way = list(self._under_way), {}
        for future in futures:
            future.cancel()
        return left

    def _ended(self, future: Future[CheckResult]) -> Sequence[Finished]:
        claim = self._under_way.pop(future, None)
        if claim is None:
            return ()
        try:
            return ((claim, future.result()),)
        except CancelledError:  # the loop is going down: nobody knows how it would have ended
            return ()
