"""What a connector's tests tell the kit: the connector, a config, a secret, and a small provider that is well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from aiohttp import web

from integrations_hub.connector.contract import Connector, WebhookOrder
from integrations_hub.connector.redaction import Secret

__all__ = ["AnyConnector", "Handler", "Subject"]

AnyConnector = Connector[Any]  # a kit is for any config; which one, only the connector knows
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Subject:
    """The part a connector's tests fill in. Every method may be called often and must answer alike each time."""

    connector: ClassVar[type[AnyConnector]]
    #: Configs the connector must refuse, each whole.
    invalid_configs: ClassVar[Sequence[Mapping[str, object]]] = ()
    #: False for a connector that reaches nothing; the kit then proves that it does not.
    network: ClassVar[bool] = True
    #: What to set up a webhook for, as `WebhookOrder.resource` has it.
    webhook_resource: ClassVar[str | None] = None
    #: The body of an event as the provider delivers it.
    event: ClassVar[bytes] = b'{"event": "ping"}'

    def config(self, endpoint: str) -> Mapping[str, object]:
        """Return a valid config for a provider at `http(s)://127.0.0.1:<port>`, as a client would send it."""
        raise NotImplementedError

    def secret(self, canary: str) -> Mapping[str, str]:
        """Return the secret's fields, made of the canary: another canary, another secret.

        Where the provider has a format of its own (a private key), make one per canary and keep it.
        """
        raise NotImplementedError

    def provider(self, secret: Mapping[str, str]) -> web.Application | Handler:
        """Return a provider that is well and accepts this secret only; it has more than one page of each resource.

        What it hands out in exchange for the secret (a token) should hold the canary too, so that it is looked for.
        """
        raise NotImplementedError

    def error(self, status: int) -> web.Response:
        """Return the provider's own answer with an error status (401, 403, 404, 429, 500 to 504)."""
        return web.json_response({"message": "the request was refused"}, status=status)

    def webhook_secret(self, canary: str) -> str:
        """Return a secret that proves deliveries, made of the canary."""
        return canary

    def webhook_order(self, url: str, secret: str) -> WebhookOrder:
        """Return the webhook to set up."""
        return WebhookOrder(url, Secret(secret), self.webhook_resource)

    def sign(self, body: bytes, secret: str) -> Mapping[str, str]:
        """Return all header fields with which the provider delivers this body."""
        raise NotImplementedError
