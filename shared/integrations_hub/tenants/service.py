"""The use cases of a tenant's settings: read them, replace them, and try where alerts go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.audit.ports import AuditStore
from integrations_hub.caller import Caller
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.catalog.registration import SecretReferences
from integrations_hub.connector.results import Target
from integrations_hub.errors import Invalid, Violation
from integrations_hub.events.model import NO_SUBJECT, Event, EventType, OutboxItem
from integrations_hub.events.routes import AlertRoute
from integrations_hub.events.sending import Sending
from integrations_hub.health.allowance import spend
from integrations_hub.tenants.model import TenantSettings
from integrations_hub.tenants.ports import TenantStore
from integrations_hub.tenants.views import (
    AlertRouteBody,
    AlertTestView,
    SettingsBody,
    SettingsView,
    Tried,
    TriedOutcome,
)

__all__ = ["TenantService"]

_TESTS_PER_MINUTE = 10
_SAID = "This is a test of where alerts go; nothing is wrong."


@dataclass(frozen=True, slots=True)
class TenantService:
    """A tenant's settings. `receipts_issued`: whether this deployment can issue the receipts a tenant may require."""

    store: TenantStore
    catalog: CatalogStore
    audit: AuditStore
    references: SecretReferences
    sending: Sending
    receipts_issued: bool
    now: Callable[[], datetime]

    def get_settings(self, caller: Caller) -> SettingsView:
        """Return the settings."""
        return self._view(self.store.get(caller.tenant))

    def update_settings(self, caller: Caller, body: SettingsBody, if_version: int | None) -> SettingsView:
        """Replace the settings; new routes count for events from now on.

        Raises:
            Invalid: a channel or a secret backend this deployment does not have.
            PreconditionFailed: `if_version` is not their version.
        """
        if body.require_test_receipt and not self.receipts_issued:
            sentence = "must be false: this deployment issues no receipts. Its operator sets RECEIPT_KEY"
            raise Invalid("Nobody could register anything.", [Violation("/requireTestReceipt", sentence)])
        routes = tuple(self._judged(nth, route) for nth, route in enumerate(body.alert_routes))
        wanted = TenantSettings(body.require_test_receipt, routes, updated_at=self.now())
        entry = AuditEntry(AuditAction.SETTINGS_UPDATED, None, _audited(wanted))
        return self._view(self.store.replace(caller, wanted, if_version, entry))

    def test_alert_route(self, caller: Caller) -> AlertTestView:
        """Send one test event now, by every route whatever its filters, and return what each channel said.

        Raises:
            TooManyRequests: the tenant's tests of this minute are spent.
        """
        spend(self.catalog, caller, "alert-tests", _TESTS_PER_MINUTE)
        routes = self.store.get(caller.tenant).alert_routes
        event = Event(EventType.ALERT_TEST, NO_SUBJECT, {"message": _SAID})
        ways: list[tuple[str | None, AlertRoute]] = [(one.name, one) for one in routes]
        ways = ways or [(None, AlertRoute(one, one)) for one in self.sending.channels]
        entry = AuditEntry(
            AuditAction.ALERTS_TESTED, None, {"eventId": str(event.id), "routes": [one.name for one in routes]}
        )
        self.audit.append(caller, entry)
        items = {one.destination(caller.tenant): self._item(caller, event, one) for _, one in ways}
        failed = self.sending.send(list(items.values())).failed
        said = [(name, one, failed.get(items[one.destination(caller.tenant)].lease)) for name, one in ways]
        return AlertTestView(
            event_id=event.id,
            items=[
                Tried(
                    route=name,
                    channel=one.channel,
                    outcome=TriedOutcome.FAILED if failure else TriedOutcome.DELIVERED,
                    detail=str(failure) if failure else None,
                )
                for name, one, failure in said
            ],
        )

    def _view(self, settings: TenantSettings) -> SettingsView:
        return SettingsView.of(settings, sorted(self.sending.channels))

    def _judged(self, nth: int, route: AlertRouteBody) -> AlertRoute:
        at, secret_ref = f"/alertRoutes/{nth}", route.secret_ref
        if route.url is None and route.channel not in self.sending.channels:
            sentence = f"is none of this deployment's: {', '.join(sorted(self.sending.channels))}"
            raise Invalid("A route leads nowhere.", [Violation(f"{at}/channel", sentence)])
        if secret_ref is not None:
            secret_ref = self.references.canonical(secret_ref, f"{at}/secretRef")
        return AlertRoute(
            route.name,
            route.channel,
            route.url,
            secret_ref,
            tuple(route.events),
            tuple(route.severities),
            tuple(route.types),
            tuple(route.tags),
        )

    def _item(self, caller: Caller, event: Event, route: AlertRoute) -> OutboxItem:
        return OutboxItem(
            event=event,
            tenant_id=caller.tenant,
            sequence=0,
            created_at=self.now(),
            attempts=0,
            lease=uuid4(),
            destination=route.destination(caller.tenant),
            url=route.url,
            secret_ref=route.secret_ref,
        )


def _audited(settings: TenantSettings) -> dict[str, Any]:
    """Return what the audit trail keeps: of an address the host, since a path may be as good as a password."""
    return {"requireTestReceipt": settings.require_test_receipt, "alertRoutes": _routes(settings.alert_routes)}


def _routes(routes: Sequence[AlertRoute]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "channel": one.channel,
            "target": None if one.url is None else str(Target.of_url(one.url)),
            "secretRef": one.secret_ref,
        }
        for one in routes
    ]
