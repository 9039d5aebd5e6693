"""Plays the script: the same check of the same integration always ends the same way, in whichever process it runs."""

from __future__ import annotations

from integrations_hub.connector.contract import Category, Connector, CredentialNeed, Endpoint, Probe, StepNote
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_in_memory.config import Degraded, Flap, InMemoryConfig, Slow, Turn, Unhealthy, turn_at

__all__ = ["InMemoryConnector"]

_REMEDY = "This is a rehearsal: change the script to end it."
# where each failure would show at a real provider; the others at `product`
_STEPS = {
    Reason.DNS_ERROR: StepName.RESOLVE,
    Reason.CONNECT_ERROR: StepName.CONNECT,
    Reason.EGRESS_DENIED: StepName.CONNECT,
    Reason.TLS_ERROR: StepName.TLS,
    Reason.CREDENTIAL_REJECTED: StepName.AUTHENTICATE,
    Reason.CREDENTIAL_EXPIRING: StepName.AUTHENTICATE,
    Reason.SUSPENDED: StepName.AUTHENTICATE,
    Reason.CLOCK_SKEW: StepName.AUTHENTICATE,
    Reason.SECRET_UNAVAILABLE: StepName.AUTHENTICATE,
    Reason.PERMISSION_MISSING: StepName.AUTHORIZE,
    Reason.QUOTA_LOW: StepName.QUOTA,
    Reason.RATE_LIMITED: StepName.QUOTA,
}


class InMemoryConnector(Connector[InMemoryConfig]):
    """A provider that does what its script says. It needs no credential and no network."""

    type, category, version = "in-memory", Category.TEST, "0.1.0"
    credential = CredentialNeed.NONE
    config_model = InMemoryConfig

    def endpoint(self, config: InMemoryConfig) -> Endpoint:  # noqa: ARG002 - there is only one memory
        """Return an address nothing is ever sent to."""
        return Endpoint("in-memory://script")

    async def check_health(self, probe: Probe[InMemoryConfig]) -> None:
        """Play the turn of this check.

        Raises:
            CheckFailed: when the script says so.
            RuntimeError: when the script says `crash`.
        """
        turn, nth = turn_at(probe.config.script, probe.sequence)
        reason = _reason(turn, nth)
        async with probe.step(_STEPS.get(reason, StepName.PRODUCT)) as step:
            await _play(turn, reason, step)


def _reason(turn: Turn, nth: int) -> Reason:
    if isinstance(turn, Flap):
        return turn.reason if nth // turn.period % 2 else Reason.OK
    return turn.reason if isinstance(turn, Degraded | Unhealthy) else Reason.OK


async def _play(turn: Turn, reason: Reason, step: StepNote) -> None:
    from asyncio import sleep  # noqa: PLC0415 - who only reads the schema imports no event loop

    step.evidence = f"scripted: {turn.do}"
    if turn.do == "crash":
        raise RuntimeError("the script says crash")
    if isinstance(turn, Slow):
        await sleep(turn.delay_ms / 1000)
    if isinstance(turn, Degraded):
        step.degrade(reason, step.evidence, _REMEDY)
    elif reason is not Reason.OK:
        raise CheckFailed(reason, step.evidence, _REMEDY, retry_after_s=getattr(turn, "retry_after_s", None))
