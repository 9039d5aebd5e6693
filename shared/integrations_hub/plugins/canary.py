"""The egress canary: an address of the operator's own that tells whether it is us who cannot reach anybody."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CheckResult, Endpoint, StepStatus
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.health.incidents import BACKEND, EGRESS

__all__ = ["EgressCanary"]

_log = logging.getLogger(__name__)
_OURS_MAYBE = frozenset({Reason.DNS_ERROR, Reason.CONNECT_ERROR, Reason.TIMEOUT})
_LIMITS = Limits(check_s=5.0, request_s=5.0, redirects=0)
_BELIEVED_S = 3.0
_REMEDY = "Look at the hub's own network: name service, NAT, firewall, proxy. Nobody else is to blame."


@dataclass(slots=True)
class EgressCanary:
    """Asks one URL, through the same guard as the checks; what it said is believed for a few seconds."""

    url: str
    transport: Transport
    clock: Callable[[], float] = time.monotonic
    _lock: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _answers: bool = field(init=False, default=True)
    _asked_at: float = field(init=False, default=float("-inf"))

    async def answers(self) -> bool:
        """Tell whether the canary answers, whatever it says; those who ask at once share one request."""
        async with self._lock:
            if self.clock() - self._asked_at >= _BELIEVED_S:
                self._answers = await self._ask()
                self._asked_at = self.clock()
            return self._answers

    async def blamed(self, result: CheckResult) -> CheckResult:
        """Return a check's result; `egress_down` where it found nobody and neither does the canary.

        A secret backend that is away is nobody too: what our own network explains is told once.
        """
        found_nobody = result.reason in _OURS_MAYBE or (result.cause or "").startswith(BACKEND)
        if not found_nobody or await self.answers():
            return result
        evidence = "the canary of the hub's own egress does not answer either"
        steps = tuple(
            replace(step, reason=Reason.EGRESS_DOWN, evidence=f"{step.evidence}; {evidence}", remedy=_REMEDY)
            if step.status is StepStatus.FAILED
            else step
            for step in result.steps
        )
        return replace(result, steps=steps, cause=EGRESS)

    async def _ask(self) -> bool:
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really checks

        try:
            await Sender(self.transport, Endpoint(self.url), _LIMITS).get("")
        except CheckFailed as failure:
            if failure.reason in _OURS_MAYBE:
                return False
            # refused by the guard, or not speaking HTTP: no sign that our egress is down
            _log.warning("the egress canary tells nothing: %s", failure.reason, extra={"action": "egress_canary"})
        return True
