"""What a unit of work needs beside the catalogue: idempotency keys, allowances, events."""

from __future__ import annotations

from sqlalchemy import select, text, update

from integrations_hub.storage.queries.binds import bind, tenant
from integrations_hub.storage.tables import idempotency_keys

__all__ = ["CLAIM_KEY", "EMIT", "FINISH_KEY", "READ_KEY", "SPEND"]

_k = idempotency_keys.c
_this = (_k.tenant_id == tenant, _k.actor == bind(_k.actor), _k.route == bind(_k.route), _k.key == bind(_k.key))

# Waits for another transaction that holds the key, up to lock_timeout. A key past its 24 hours is as good as none.
CLAIM_KEY = text("""\
INSERT INTO hub.idempotency_keys AS k (tenant_id, actor, route, key, body_sha256)
VALUES (:tenant, :actor, :route, :key, :body_sha256)
ON CONFLICT (tenant_id, actor, route, key) DO UPDATE
SET body_sha256 = excluded.body_sha256, answer = NULL, created_at = now()
WHERE k.created_at < now() - interval '24 hours'
RETURNING true AS claimed""")
READ_KEY = select(_k.body_sha256, _k.answer).where(*_this)
FINISH_KEY = update(idempotency_keys).where(*_this).values(answer=bind(_k.answer))

# The sequence is the integration's own, taken under its row's lock: no gap of a rolled back one, no overtaking.
EMIT = text("""\
WITH numbered AS (
    UPDATE hub.integration_health SET event_seq = event_seq + 1
    WHERE tenant_id = :tenant AND integration_id = :integration_id
    RETURNING event_seq
)
INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data, traceparent)
SELECT :id, :tenant, :integration_id, event_seq, :type, :severity, :data, :traceparent FROM numbered""")

SPEND = text("""\
INSERT INTO hub.allowances AS a (tenant_id, allowance, window_starts_at, spent)
VALUES (:tenant, :allowance, to_timestamp(floor(extract(epoch FROM now()) / :window_s) * :window_s), 1)
ON CONFLICT (tenant_id, allowance) DO UPDATE
SET spent = CASE WHEN a.window_starts_at >= excluded.window_starts_at THEN a.spent + 1 ELSE 1 END,
    window_starts_at = greatest(a.window_starts_at, excluded.window_starts_at)
RETURNING spent, extract(epoch FROM window_starts_at - now())::double precision + :window_s AS refills_in_s""")
