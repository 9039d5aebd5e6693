"""What a tenant decides for itself."""

from __future__ import annotations

from sqlalchemy import text

__all__ = ["GET_SETTINGS", "LOCK_SETTINGS", "MAKE_SETTINGS", "PUT_SETTINGS", "TENANT_POLICY"]

GET_SETTINGS = text("""\
SELECT require_test_receipt, alert_routes, version, updated_at FROM hub.tenant_settings WHERE tenant_id = :tenant""")

# A row to lock, so that of two who write at once the second sees what the first has made.
MAKE_SETTINGS = text("INSERT INTO hub.tenant_settings (tenant_id) VALUES (:tenant) ON CONFLICT DO NOTHING")
LOCK_SETTINGS = text("""\
SELECT require_test_receipt, alert_routes, version, updated_at FROM hub.tenant_settings WHERE tenant_id = :tenant
FOR UPDATE""")

PUT_SETTINGS = text("""\
UPDATE hub.tenant_settings
SET require_test_receipt = :require_test_receipt, alert_routes = :alert_routes, version = version + 1,
    updated_at = :updated_at
WHERE tenant_id = :tenant""")

TENANT_POLICY = text("""\
SELECT require_test_receipt FROM hub.tenant_settings WHERE tenant_id = :tenant AND require_test_receipt""")
