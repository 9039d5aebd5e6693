"""What the hub's engine does, around one connector: build the call, keep its deadline, read what comes of it.

Each secret of a call is looked for in whatever comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from integrations_hub.connector.contract import (
    Access,
    CheckResult,
    Connector,
    Credential,
    Probe,
    ResourcePage,
    Webhook,
    WebhookOrder,
)
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.redaction import Secret

__all__ = ["EVENTS_URL", "LOOPBACK", "WEBHOOK_SECRET", "Asking"]

LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8,::1/128"))
EVENTS_URL = "https://hub.example/api/v1/integrations/1/events"
WEBHOOK_SECRET = "not-a-real-webhook-secret-1"
T = TypeVar("T")


@dataclass(frozen=True)
class Asking:
    """Who asks: one connector, with one config and one credential."""

    connector: Connector[Any]
    config: Mapping[str, object]
    fields: Mapping[str, str] = field(repr=False)
    policy: EgressPolicy = LOOPBACK
    limits: Limits | None = None
    deadline_s: float = 20.0

    def but(self, **change: Any) -> Asking:
        """Return the same with something changed."""
        return replace(self, **change)

    def check(self) -> CheckResult:
        return asyncio.run(self.checked())

    def discover(self, kind: str, cursor: str | None = None) -> ResourcePage:
        return asyncio.run(self.discovered(kind, cursor))

    def all_of(self, kind: str) -> list[ResourcePage]:
        """Ask from page to page, as many as a test would ever have."""
        pages = [self.discover(kind)]
        while pages[-1].next_cursor and len(pages) < 50:
            pages.append(self.discover(kind, pages[-1].next_cursor))
        return pages

    def order(
        self, resource: str | None = None, *events: str, secret: str = WEBHOOK_SECRET, url: str = EVENTS_URL
    ) -> Webhook:
        order = WebhookOrder(url, Secret(secret), resource, events)
        return asyncio.run(self._asked(lambda access: self.connector.setup_webhook(access, order), secret))

    async def checked(self) -> CheckResult:
        """Check, where a loop is running already."""

        async def check(config: Any, sender: Sender) -> CheckResult:
            probe = Probe(config, self._credential, sender)
            with suppress(CheckFailed, TimeoutError):
                async with asyncio.timeout(self.deadline_s):
                    await self.connector.check_health(probe)
            return probe.result()

        result = await self._with_sender(check)
        self._search(repr(result))
        return result

    async def discovered(self, kind: str, cursor: str | None = None) -> ResourcePage:
        """Ask for a page, where a loop is running already."""
        return await self._asked(lambda access: self.connector.discover(access, kind, cursor))

    @property
    def _credential(self) -> Credential:
        return Credential({name: Secret(value) for name, value in self.fields.items()})

    async def _asked(self, call: Callable[[Access[Any]], Awaitable[T]], *secrets: str) -> T:
        try:
            result = await self._with_sender(lambda config, sender: call(Access(config, self._credential, sender)))
        except CheckFailed as failed:
            self._search(f"{failed.args} {failed.remedy}", *secrets)
            raise
        self._search(repr(result), *secrets)
        return result

    async def _with_sender(self, work: Callable[[Any, Sender], Awaitable[T]]) -> T:
        config, transport = self.connector.validate_config(self.config), Transport(self.policy)
        try:
            return await work(config, Sender(transport, self.connector.endpoint(config), self.limits))
        finally:
            await transport.close()

    def _search(self, shown: str, *secrets: str) -> None:
        hidden = [value for name, value in self.fields.items() if name != "username"]
        assert [secret for secret in (*hidden, *secrets) if secret and secret in shown] == []
