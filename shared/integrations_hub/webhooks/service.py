"""The use cases of webhooks: have one set up, and receive what it delivers."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Integration
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.catalog.reading import missing
from integrations_hub.catalog.registration import SecretReferences
from integrations_hub.connector.contract import Delivery, EventRejected, ReceivedEvent, Webhook
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.errors import AlreadyReceived, Extras, Invalid, TooManyRequests, Unauthenticated
from integrations_hub.health.allowance import spend
from integrations_hub.health.ports import ConnectorCall, ConnectorHost, WebhookRequest
from integrations_hub.health.refusals import refusal_of
from integrations_hub.webhooks.failures import Failures
from integrations_hub.webhooks.model import Accepted, WebhookTarget
from integrations_hub.webhooks.ports import WebhookStore
from integrations_hub.webhooks.views import ReceivedView, WebhookBody, WebhookView

__all__ = ["WebhookService"]

_LONGEST_WORD = 256  # characters kept of what a provider calls an event or a resource


@dataclass(frozen=True, slots=True)
class WebhookService:
    """Webhooks of one deployment, reached by providers at `public_url`."""

    store: WebhookStore
    catalog: CatalogStore
    host: ConnectorHost
    references: SecretReferences
    failures: Failures
    public_url: str | None
    per_minute: int

    def set_up_webhook(self, caller: Caller, integration_id: UUID, wanted: WebhookBody) -> WebhookView:
        """Have the provider deliver its events to this hub; asked again, only what differs is changed.

        Its secret counts before the provider is asked, which may deliver at once, and no more when that fails.

        Raises:
            NotFound: no such integration.
            Invalid: the reference, or the deployment has no PUBLIC_URL, or the type or the provider cannot do it.
            TooManyRequests: the tenant's calls of this minute are spent.
            ProviderFailed, Unavailable: the provider did not do it.
        """
        found = self.catalog.get(caller.tenant, integration_id)
        if found is None:
            raise missing()
        url = self._url(integration_id)
        secret_ref = self.references.canonical(wanted.webhook_secret_ref, "/webhookSecretRef")
        spend(self.catalog, caller, "webhooks", self.per_minute)
        request = WebhookRequest(url=url, secret_ref=secret_ref, resource=wanted.resource, events=tuple(wanted.events))
        self.store.begin(caller, integration_id, secret_ref)
        try:
            made = self.host.setup_webhook(_call_about(found), request)
        except CheckFailed as failure:
            self.store.abandon(caller, integration_id, secret_ref)
            raise refusal_of(failure) from None
        self.store.put_in_force(caller, integration_id, secret_ref, _entry(integration_id, made, secret_ref))
        return WebhookView.of(made, url)

    def receive_event(self, integration_id: UUID, delivery: Delivery) -> ReceivedView:
        """Believe a delivery that one of the integration's secrets proves, once, and tell it as an event.

        Raises:
            Unauthenticated: nothing proves it, or there is no such integration: the two are not told apart.
            AlreadyReceived: it was received before.
            TooManyRequests: too many deliveries to this id have failed lately.
            ProviderFailed, Unavailable: it cannot be told whether it is proven.
        """
        wait_s = self.failures.wait_s(integration_id)
        if wait_s:
            headers = {"Retry-After": str(max(1, round(wait_s)))}
            raise TooManyRequests("Too many deliveries to this address failed. Wait.", extras=Extras(headers=headers))
        target = self.store.target(integration_id)
        received = self._proven(target, delivery)
        if target is None or received is None:
            self.failures.add(integration_id)
            raise Unauthenticated("The delivery is not proven: check the webhook's address and its secret.")
        if received.foreign:
            return ReceivedView(event_id=None)
        resource = _storable(received.resource) if received.resource else None
        accepted = Accepted.of(integration_id, _identities(received, delivery.body), _storable(received.kind), resource)
        if not self.store.accept(target.tenant_id, accepted):
            raise AlreadyReceived("This delivery was received before; nothing is done again.")
        return ReceivedView(event_id=accepted.event.id)

    def _url(self, integration_id: UUID) -> str:
        if not self.public_url:
            raise Invalid("This hub has no public address for webhooks. Its operator sets PUBLIC_URL.")
        return f"{self.public_url.rstrip('/')}/api/v1/integrations/{integration_id}/events"

    def _proven(self, target: WebhookTarget | None, delivery: Delivery) -> ReceivedEvent | None:
        """Return what a delivery says, None when no secret proves it; a missing target costs the same as one."""
        if target is None:
            hmac.digest(b"nobody's secret", delivery.body, sha256)
            return None
        untold: CheckFailed | None = None
        for nth, secret_ref in enumerate(target.secret_refs):
            call = ConnectorCall(
                tenant_id=target.tenant_id, type=target.type, config=target.config, auth_ref_uri=secret_ref
            )
            try:
                return self.host.verify_event(call, secret_ref, delivery)
            except EventRejected:
                continue
            except CheckFailed as failure:
                if failure.reason is not Reason.SECRET_UNAVAILABLE:
                    raise refusal_of(failure) from None
                # the one in force might have proven it, if none of the others does; a replaced one may be gone
                untold = failure if nth == 0 else untold
        if untold:
            raise refusal_of(untold)
        return None


def _call_about(one: Integration) -> ConnectorCall:
    return ConnectorCall(tenant_id=one.tenant_id, type=one.type, config=one.config, auth_ref_uri=one.auth_ref_uri)


def _entry(integration_id: UUID, made: Webhook, secret_ref: str) -> AuditEntry:
    details = {"outcome": made.outcome, "resource": made.resource, "events": list(made.events), "secretRef": secret_ref}
    return AuditEntry(AuditAction.WEBHOOK_SET_UP, integration_id, details)


def _identities(received: ReceivedEvent, body: bytes) -> tuple[bytes, ...]:
    """Return what a repetition is known by: its body, and the provider's name of the delivery.

    The name alone would not do: not every provider signs it, and whoever replays a body could make one up.
    """
    named = () if received.delivery_id is None else (b"id:" + received.delivery_id.encode("utf-8", "replace"),)
    return tuple(sorted(sha256(text).digest() for text in (b"body:" + body, *named)))


def _storable(text: str) -> str:
    """Return a stranger's word as PostgreSQL can keep it, cut to a sane length."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:_LONGEST_WORD]
