"""Settings of a tenant, the same in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import (
    IdempotencyKey,
)
from integrations_hub.errors import PreconditionFailed
from integrations_hub.events.routes import AlertRoute
from integrations_hub.tenants.model import TenantSettings
from tests.support.catalogue import a_caller

OWN = AlertRoute("own", "webhook", "https://hooks.example/a", "authref://vault/hook")
CHANGED = AuditEntry(AuditAction.SETTINGS_UPDATED, None, {})


def test_settings_are_what_was_written_and_of_one_tenant(stores):
    caller, now = a_caller(), datetime.now(UTC)
    assert stores.tenants.get(caller.tenant) == TenantSettings()
    route = AlertRoute("r", "sns", None, None, ("integration.created",), ("alert",), ("harbor",), ("red",))
    wanted = TenantSettings(require_test_receipt=True, alert_routes=(OWN, route), updated_at=now)
    written = stores.tenants.replace(caller, wanted, None, CHANGED)
    assert written == replace(wanted, version=1) == stores.tenants.get(caller.tenant)
    assert stores.tenants.get(a_caller().tenant) == TenantSettings()
    assert [one.action for one in stores.audit.page(caller.tenant, None, 0, 10)] == ["settings.updated"]


def test_settings_of_another_version_are_not_replaced(stores):
    caller = a_caller()
    assert stores.tenants.replace(caller, TenantSettings(require_test_receipt=True), 0, CHANGED).version == 1
    for stale in (0, 2):
        with pytest.raises(PreconditionFailed, match="now 1"):
            stores.tenants.replace(caller, TenantSettings(), stale, CHANGED)
    assert stores.tenants.get(caller.tenant).require_test_receipt
    assert len(stores.audit.page(caller.tenant, None, 0, 10)) == 1


def test_a_unit_knows_whether_a_receipt_is_required(stores):
    caller = a_caller()
    with stores.catalog.write(caller) as unit:
        assert not unit.requires_receipt()
    stores.tenants.replace(caller, TenantSettings(require_test_receipt=True), None, CHANGED)
    with stores.catalog.write(caller) as unit:
        unit.begin_idempotent(IdempotencyKey("key", "POST /", b"\x01" * 32))
        assert unit.requires_receipt()
    with stores.catalog.write(a_caller()) as unit:
        assert not unit.requires_receipt()
