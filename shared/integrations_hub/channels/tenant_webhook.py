"""A tenant's own webhook: signed with the tenant's secret, and posted under the guard that its checks are under too."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import Target
from integrations_hub.events.channels import Post, WebhookChannel
from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import OutboxItem

__all__ = ["TenantWebhookChannel", "WebhookSecrets"]

_FIELD = "webhook_secret"


class WebhookSecrets(Protocol):
    """Resolves what a webhook is signed with, in the tenant's own part of the vault."""

    def __call__(self, tenant: str, secret_ref: str, target: str) -> Sequence[Credential]:
        """Return the secret for requests to `target` (`host:port`), then the one it replaced a while ago.

        Raises:
            CheckFailed: it cannot be had now.
        """


@dataclass(frozen=True, slots=True)
class TenantWebhookChannel:
    """Posts to the address of the route that an event goes by."""

    secrets: WebhookSecrets
    source: str
    post: Post
    now: Callable[[], datetime]
    at_once: int = 1

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Post the event.

        Raises:
            DeliveryFailed: no answer, a status outside 2xx, or no secret to sign with.
            DeliveryRefused: the route is gone, or the receiver says that it is.
        """
        for item in items:
            if item.url is None or item.secret_ref is None:
                raise DeliveryRefused("the alert route was removed while the event was on its way")
            target = str(Target.of_url(item.url))
            secrets = self._secrets(item.tenant_id, item.secret_ref, target)
            WebhookChannel(item.url, secrets, self.source, self.post, self.now).send([item])
        return {}

    def _secrets(self, tenant: str, secret_ref: str, target: str) -> Sequence[str]:
        try:
            return [_checked(*one.require(_FIELD)) for one in self.secrets(tenant, secret_ref, target)]
        except CheckFailed as failure:
            said = f"{failure.reason}: {failure.evidence}"
        except binascii.Error:
            said = "the signing secret must be whsec_ and base64, as Standard Webhooks has it"
        raise DeliveryFailed(said)


def _checked(secret: Secret) -> str:
    """Return a secret's text; binascii.Error when it is no base64."""
    text = secret.reveal().strip()
    if not base64.b64decode(text.removeprefix("whsec_"), validate=True):
        raise binascii.Error
    return text
