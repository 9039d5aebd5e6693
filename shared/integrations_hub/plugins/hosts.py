"""The host that knows who runs what: trusted connectors in this process, strangers' in a cage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from integrations_hub.connector.contract import CheckResult, Delivery, ReceivedEvent, ResourcePage, Webhook
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, ConnectorHost, ValidConfig, WebhookRequest
from integrations_hub.plugins.registry import Plugins

if TYPE_CHECKING:
    from integrations_hub.plugins.isolated import IsolatedHost

__all__ = ["HostByTrust"]


class HostByTrust:
    """A `ConnectorHost` that hands each call to the one that may run its type.

    Types nobody knows go to `trusted`, unless a stranger that could not be confined may be the one.
    """

    def __init__(self, plugins: Plugins, trusted: ConnectorHost, isolated: Callable[[], IsolatedHost]) -> None:
        """Hold both; the isolated one is built with the first stranger."""
        self._plugins = plugins
        self._trusted = trusted
        self._isolated = isolated

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config. See `ConnectorHost`."""
        return self._of(type_).validate(type_, config)

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check. See `ConnectorHost`."""
        return self._of(job.type).submit(job)

    def look(self, look: Look) -> Future[CredentialFacts | None]:
        """Look at a secret, which no connector has a part in. See `ConnectorHost`."""
        return self._trusted.look(look)

    def is_over(self, cause: str) -> Future[bool]:
        """Ask what a cause is about for a sign of life. See `ConnectorHost`."""
        return self._trusted.is_over(cause)

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind. See `ConnectorHost`."""
        return self._of(call.type).discover(call, kind, cursor)

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events. See `ConnectorHost`."""
        return self._of(call.type).setup_webhook(call, wanted)

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what an inbound delivery says. See `ConnectorHost`."""
        return self._of(call.type).verify_event(call, secret_ref, delivery)

    def _of(self, type_: str) -> ConnectorHost | IsolatedHost:
        if self._plugins.get(type_) is not None:
            return self._trusted
        is_strange = self._plugins.stranger(type_) is not None or self._plugins.refusal() is not None
        return self._isolated() if is_strange else self._trusted
