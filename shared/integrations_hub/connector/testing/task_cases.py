"""Many calls at once, calls that are called off, and a loop that must go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from aiohttp import web

from integrations_hub.connector.http import Transport
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import Caller, checks, run
from integrations_hub.connector.testing.harness import CANARY, OTHER_CANARY, Harness
from integrations_hub.connector.testing.outcome import Outcome, expect, fail
from integrations_hub.connector.testing.server import Served
from integrations_hub.connector.testing.subject import Handler
from integrations_hub.connector.testing.table import Need, case

__all__ = ["TaskCases"]

_PAIRS = 8
_PATIENCE_S = 5.0  # for what is at once where it is right, also on a busy machine
_PAUSE_S = 0.005


class TaskCases(Harness):
    """Cases about asyncio."""

    @case()
    def test_serves_many_calls_at_once(self) -> None:
        """Many checks at once on one instance end as they do one by one, whoever else's secret is on its way."""
        connector = self.connector()
        canaries = [CANARY, OTHER_CANARY] * _PAIRS if self.network and self.has_credential() else [CANARY] * _PAIRS
        with self.provider_running() as served:
            callers = [self.caller(served.url, canary=canary, connector=connector) for canary in canaries]

            async def work(transport: Transport) -> list[Outcome]:
                return await asyncio.gather(*(checks(caller, transport) for caller in callers))

            outcomes = run(work)
        for canary, outcome in zip(canaries, outcomes, strict=True):
            wanted = Reason.OK if canary == CANARY else Reason.CREDENTIAL_REJECTED
            expect(outcome, {wanted}, f"{len(canaries)} checks at once, this one with the {_KIND[canary]} secret")

    @case(Need.NETWORK)
    def test_lets_itself_be_called_off(self) -> None:
        """A check that is cancelled while it waits for the provider ends as cancelled, at whichever request."""
        for since in self.each_request():
            task, _ = self._called_off(since)
            if not task.cancelled():
                fail(f"Cancelled while it waited for request {since + 1}, it went on; never catch CancelledError.")

    @case(Need.NETWORK)
    def test_leaves_nothing_running(self) -> None:
        """A check that has ended or was cancelled leaves no task behind."""
        for since in self.each_request():
            _, left = self._called_off(since)
            if left:
                fail(f"Cancelled while it waited for request {since + 1}, it left tasks running: {', '.join(left)}.")
        with self.provider_running() as served:
            caller = self.caller(served.url)
            left = run(lambda transport: _and_what_is_left(checks(caller, transport)))
        if left:
            fail(f"A check ended and left tasks running: {', '.join(left)}.")

    @case(Need.NETWORK)
    def test_leaves_the_loop_to_others(self) -> None:
        """While a check waits for the provider, the loop goes on: no blocking call."""
        beats, stood_still = [0], [False]

        async def answer_after_a_beat(request: web.Request, handler: Handler) -> web.StreamResponse:
            before = beats[0]
            stood_still[0] |= not await _until(lambda: beats[0] > before + 1, at_most_s=1.0)
            return await handler(request)

        async def work(transport: Transport) -> None:
            task = asyncio.ensure_future(checks(caller, transport))
            while not task.done():
                beats[0] += 1
                await asyncio.sleep(_PAUSE_S)

        with self.provider_running(answer_after_a_beat) as served:
            caller = self.caller(served.url)
            run(work)
        if stood_still[0]:
            fail("While the provider was slow, nothing else ran on the loop; send requests with the sender.")

    def _called_off(self, since: int) -> tuple[asyncio.Future[None], list[str]]:
        with self.provider_running(faults.hang, since) as served:
            caller = self.caller(served.url)
            return run(lambda transport: _called_off(caller, transport, served, since))


_KIND = {CANARY: "right", OTHER_CANARY: "wrong"}


async def _called_off(
    caller: Caller, transport: Transport, served: Served, since: int
) -> tuple[asyncio.Future[None], list[str]]:
    task = asyncio.ensure_future(_checked(caller, transport))
    await _until(lambda: len(served.requests) > since or task.done())
    task.cancel()
    await asyncio.wait({task}, timeout=_PATIENCE_S)
    return task, await _left(task)


async def _checked(caller: Caller, transport: Transport) -> None:
    await checks(caller, transport)


async def _and_what_is_left(work: Awaitable[Outcome]) -> list[str]:
    await work
    return await _left()


async def _left(*known: asyncio.Future[None]) -> list[str]:
    """Return the tasks that are still there once those about to end have ended."""
    here = {asyncio.current_task(), *known}
    await _until(lambda: not asyncio.all_tasks() - here, at_most_s=0.2)
    return [str(task.get_coro()) for task in asyncio.all_tasks() - here]


async def _until(true: Callable[[], bool], at_most_s: float = _PATIENCE_S) -> bool:
    ends = monotonic() + at_most_s
    while not true():
        if monotonic() > ends:
            return False
        await asyncio.sleep(_PAUSE_S)
    return True
