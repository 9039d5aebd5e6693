"""Webhooks: which secrets count, whose an id is, and which deliveries were received."""

from __future__ import annotations

from sqlalchemy import text

__all__ = ["ABANDON_WEBHOOK", "ACCEPT_DELIVERY", "BEGIN_WEBHOOK", "PUT_WEBHOOK_IN_FORCE", "WEBHOOK_TARGET"]

BEGIN_WEBHOOK = text("""\
WITH known AS (
    SELECT id FROM hub.integrations WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL
)
INSERT INTO hub.webhooks (tenant_id, integration_id, pending_ref)
SELECT :tenant, known.id, :secret_ref FROM known
ON CONFLICT (tenant_id, integration_id) DO UPDATE SET pending_ref = excluded.pending_ref""")

# Of two that are set up at once the provider has both: the later one is in force, and the earlier one its previous.
PUT_WEBHOOK_IN_FORCE = text("""\
UPDATE hub.webhooks
SET secret_ref = :secret_ref, pending_ref = nullif(pending_ref, :secret_ref),
    previous_ref = CASE WHEN secret_ref <> :secret_ref THEN secret_ref ELSE previous_ref END,
    replaced_at = CASE WHEN secret_ref <> :secret_ref THEN now() ELSE replaced_at END
WHERE tenant_id = :tenant AND integration_id = :id""")

ABANDON_WEBHOOK = text("""\
UPDATE hub.webhooks SET pending_ref = NULL
WHERE tenant_id = :tenant AND integration_id = :id AND pending_ref = :secret_ref""")

WEBHOOK_TARGET = text("SELECT * FROM hub.webhook_target(:id)")

ACCEPT_DELIVERY = text("""\
WITH fresh AS ( -- one that holds an identity at this moment is waited for
    INSERT INTO hub.webhook_deliveries (tenant_id, integration_id, delivery, event_id, kind, resource)
    SELECT i.tenant_id, i.id, known.identity, :event_id, :kind, :resource
    FROM hub.integrations AS i CROSS JOIN unnest(CAST(:identities AS bytea[])) AS known(identity)
    WHERE i.tenant_id = :tenant AND i.id = :integration_id AND i.deleted_at IS NULL
    ON CONFLICT DO NOTHING RETURNING integration_id
), numbered AS (
    UPDATE hub.integration_health SET event_seq = event_seq + 1
    WHERE tenant_id = :tenant AND integration_id = :integration_id
        AND (SELECT count(*) FROM fresh) = cardinality(CAST(:identities AS bytea[]))
    RETURNING event_seq
)
INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data, traceparent)
SELECT :event_id, :tenant, :integration_id, event_seq, :type, :severity, :data, :traceparent FROM numbered
RETURNING true AS accepted""")
