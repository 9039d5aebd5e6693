"""A page in plain values says exactly what the declared views say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic_core import to_json

from integrations_hub.catalog.model import Integration, MaintenanceWindow
from integrations_hub.catalog.views import ConsumedIntegration, IntegrationView, consumed, listed
from integrations_hub.connector.reasons import Reason
from integrations_hub.health.status import Status

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NEW = Integration(
    id=UUID(int=1),
    tenant_id="acme",
    type="harbor",
    category="registry",
    name="one",
    config={"endpoint": "https://h.example/api/v2.0"},
    auth_ref_uri="authref://vault/one",
    tags=("a", "b"),
    target="h.example:443",
    paused=False,
    maintenance=(),
    check_interval_seconds=300,
    failure_threshold=3,
    success_threshold=2,
    version=1,
    created_at=NOW,
    updated_at=NOW,
)
CHECKED = replace(
    NEW,
    status=Status.UNHEALTHY,
    reason=Reason.TLS_ERROR,
    status_changed_at=NOW,
    last_checked_at=NOW,
    next_check_at=NOW,
    stale_at=NOW + timedelta(hours=1),
    credential_ends_at=NOW,
    credential_rotated_at=NOW,
    maintenance=(MaintenanceWindow(NOW, NOW + timedelta(hours=1), "upgrade"),),
)


@pytest.mark.parametrize(
    "one", [NEW, CHECKED, replace(CHECKED, stale_at=NOW - timedelta(1)), replace(NEW, deleted_at=NOW)]
)
def test_listed_is_the_view_byte_for_byte(one):
    assert to_json(listed(one, NOW)) == to_json(IntegrationView.of(one, NOW), by_alias=True)


@pytest.mark.parametrize("one", [NEW, CHECKED])
def test_consumed_is_what_is_declared(one):
    wire = consumed(one, NOW)
    assert list(wire) == [field.alias or name for name, field in ConsumedIntegration.model_fields.items()]
    ConsumedIntegration.model_validate(wire, by_alias=True)
