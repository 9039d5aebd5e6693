"""Plays the script: the same check of the same integration always ends the same way, in whichever process it runs."""

from __future__ import annotations

import hmac
from hashlib import sha256

from integrations_hub.connector.contract import (
    Access,
    Category,
    Connector,
    CredentialNeed,
    Delivery,
    Endpoint,
    EventRejected,
    Probe,
    ReceivedEvent,
    Resource,
    ResourcePage,
    StepNote,
    Webhook,
    WebhookOrder,
    WebhookOutcome,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_in_memory.config import Degraded, Flap, InMemoryConfig, Slow, Turn, Unhealthy, turn_at

__all__ = ["InMemoryConnector"]

_PAGE_SIZE = 100
_DIGITS = 7
_REMEDY = "This is a rehearsal: change the script to end it."
_NAMED = {
    "expired": Reason.CREDENTIAL_REJECTED,
    "rate_limited": Reason.RATE_LIMITED,
    "wrong_product": Reason.WRONG_PRODUCT,
}
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
    resource_kinds, webhooks = ("projects", "repositories"), True
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

    async def discover(self, access: Access[InMemoryConfig], kind: str, cursor: str | None) -> ResourcePage:
        """Return a page of the names in the config.

        Raises:
            CheckFailed: `invalid_config` for another kind, or a cursor of another list.
        """
        names = {"projects": access.config.projects, "repositories": access.config.repositories}.get(kind)
        if names is None:
            raise CheckFailed(Reason.INVALID_CONFIG, "there is no such kind", "Ask for projects or repositories.")
        return _page(kind, names, cursor)

    async def setup_webhook(self, access: Access[InMemoryConfig], order: WebhookOrder) -> Webhook:  # noqa: ARG002
        """Find it set up: nothing is sent from here, and whoever plays the provider signs as `verify_event` has it."""
        return Webhook(WebhookOutcome.UNCHANGED, "in-memory", order.resource, order.events)

    def verify_event(self, config: InMemoryConfig, delivery: Delivery, secret: Secret) -> ReceivedEvent:  # noqa: ARG002
        """Prove a delivery by `X-Signature-256: sha256=<HMAC-SHA256 of the body, in hex>`; `X-Event` names its kind.

        Raises:
            EventRejected: the signature is not the secret's.
        """
        wanted = f"sha256={hmac.new(secret.reveal().encode(), delivery.body, sha256).hexdigest()}"
        # bytes: a stranger's letters outside ASCII must be no error
        if not hmac.compare_digest(delivery.headers.get("x-signature-256", "").encode(), wanted.encode()):
            raise EventRejected("the signature is not of this secret")
        kind, delivery_id = delivery.headers.get("x-event") or "event", delivery.headers.get("x-delivery")
        return ReceivedEvent(kind, delivery_id)


def _reason(turn: Turn, nth: int) -> Reason:
    if isinstance(turn, Flap):
        return turn.reason if nth // turn.period % 2 else Reason.OK
    return turn.reason if isinstance(turn, Degraded | Unhealthy) else _NAMED.get(turn.do, Reason.OK)


async def _play(turn: Turn, reason: Reason, step: StepNote) -> None:
    from asyncio import Event, sleep  # noqa: PLC0415 - who only reads the schema imports no event loop

    step.evidence = f"scripted: {turn.do}"
    if turn.do == "crash":
        raise RuntimeError("the script says crash")
    if turn.do == "hang":
        await Event().wait()
    if isinstance(turn, Slow):
        await sleep(turn.delay_ms / 1000)
    if isinstance(turn, Degraded):
        step.degrade(reason, step.evidence, _REMEDY)
    elif reason is not Reason.OK:
        raise CheckFailed(reason, step.evidence, _REMEDY, retry_after_s=getattr(turn, "retry_after_s", None))


def _page(kind: str, names: tuple[str, ...], cursor: str | None) -> ResourcePage:
    """Return the page that begins where the cursor says: a multiple of the page's size, inside the list."""
    first = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < _DIGITS else 0
    if cursor is not None and (str(first) != cursor or first % _PAGE_SIZE):
        raise CheckFailed(Reason.INVALID_CONFIG, "there is no such page", "Begin again with the first page.")
    end = first + _PAGE_SIZE
    items = tuple(Resource(f"{kind}-{nth}", name) for nth, name in enumerate(names[first:end], start=first + 1))
    return ResourcePage(items, str(end) if end < len(names) else None)
