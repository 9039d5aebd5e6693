"""Calls of a connector as the hub makes them: one sender, one deadline, and whatever comes of it as data."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations_hub.connector.contract import Access, ConnectorConfig, Credential, Probe, WebhookOrder
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.testing.faults import BODY_LIMIT
from integrations_hub.connector.testing.outcome import Outcome
from integrations_hub.connector.testing.subject import AnyConnector
from integrations_hub.connector.tls import TlsContexts

__all__ = ["CALM", "HURRIED", "Call", "Caller", "checks", "discovers", "run", "sets_up"]

ResultT = TypeVar("ResultT")
#: Generous, so that a busy machine changes no verdict; and for what never ends anyway, short.
CALM = Limits(check_s=20.0, request_s=10.0, connect_s=5.0, body_bytes=BODY_LIMIT)
HURRIED = Limits(check_s=0.6, request_s=0.15, connect_s=5.0, body_bytes=BODY_LIMIT)
_TLS = TlsContexts()  # reading the system's trust store takes longer than a whole case
_LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8,::1/128"))


@dataclass(frozen=True, slots=True)
class Caller:
    """One connector instance and what it is asked about. `fields` are the secret's."""

    connector: AnyConnector
    config: Mapping[str, object]
    fields: Mapping[str, str]
    limits: Limits = CALM

    def credential(self) -> Credential:
        """Return the secret as the hub hands it over."""
        return Credential({name: Secret(text) for name, text in self.fields.items()})

    def sender(self, config: ConnectorConfig, transport: Transport) -> Sender:
        """Return a sender as the hub makes one per call."""
        return Sender(transport, self.connector.endpoint(config), self.limits)


#: Asks a connector one thing over a transport.
Call = Callable[[Caller, Transport], Awaitable[Outcome]]


async def checks(caller: Caller, transport: Transport) -> Outcome:
    """Check once."""
    config = caller.connector.validate_config(caller.config)
    probe: Probe[Any] = Probe(config, caller.credential(), caller.sender(config, transport))
    _, raised = await _ended(caller, caller.connector.check_health(probe))
    return Outcome(probe.result(), None, raised)


def discovers(kind: str, cursor: str | None = None) -> Call:
    """Return the call that asks for one page."""

    async def ask(caller: Caller, transport: Transport) -> Outcome:
        page, raised = await _ended(caller, caller.connector.discover(_access(caller, transport), kind, cursor))
        return Outcome(None, page, raised)

    return ask


def sets_up(order: WebhookOrder) -> Call:
    """Return the call that has a webhook set up."""

    async def ask(caller: Caller, transport: Transport) -> Outcome:
        webhook, raised = await _ended(caller, caller.connector.setup_webhook(_access(caller, transport), order))
        return Outcome(None, webhook, raised)

    return ask


def run(work: Callable[[Transport], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Run calls on a loop of their own, with a transport that is closed at the end."""

    async def whole() -> ResultT:
        transport = Transport(_LOOPBACK)
        transport.tls = _TLS
        try:
            return await work(transport)
        finally:
            await transport.close()
            await asyncio.sleep(0)  # a transport is closed in the loop's next round

    return asyncio.run(whole())


def _access(caller: Caller, transport: Transport) -> Access[Any]:
    config = caller.connector.validate_config(caller.config)
    return Access(config, caller.credential(), caller.sender(config, transport))


async def _ended(caller: Caller, work: Awaitable[ResultT]) -> tuple[ResultT | None, Exception | None]:
    try:
        async with asyncio.timeout(caller.limits.check_s):
            return await work, None
    except (CheckFailed, TimeoutError) as ended:
        return None, ended
    except Exception as broken:  # noqa: BLE001 - the case says what is wrong with it
        return None, broken
