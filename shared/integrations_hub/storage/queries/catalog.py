"""Reading and changing a tenant's catalogue. Every statement names the tenant; row-level security says it again."""

from __future__ import annotations

from sqlalchemy import Select, and_, func, insert, not_, or_, select, text, tuple_, update

from integrations_hub.storage.queries.binds import bind, given, limit, tenant
from integrations_hub.storage.tables import consumers, integration_health, integrations

__all__ = [
    "BY_TYPE",
    "CONSUMERS_OF",
    "COUNT_INTEGRATIONS",
    "DELETE_INTEGRATION",
    "DEPENDENTS",
    "DROP_LEASE",
    "FORGET_HEALTH",
    "FORGET_STATUS",
    "GET_INTEGRATION",
    "INSERT_HEALTH",
    "INSERT_INTEGRATION",
    "LOCK_COUNT",
    "LOCK_DELETED",
    "LOCK_HEALTH",
    "LOCK_INTEGRATION",
    "NOTE_CONSUMER",
    "PAGE",
    "PAGE_DELETED",
    "RESCHEDULE",
    "RESTORE_INTEGRATION",
    "SUMMARY_COUNTS",
    "SUMMARY_ENDING",
    "UPDATE_INTEGRATION",
]

_i, _h = integrations.c, integration_health.c
_STANDING = (_h.last_checked_at, _h.next_check_at, _h.stale_at, _h.credential_ends_at)
_SCHEDULE = (_h.next_check_at, _h.stale_at)
_kept = _i.deleted_at.is_(None)
_this = and_(_i.tenant_id == tenant, _i.id == bind(_i.id))
_its_health = and_(_h.tenant_id == tenant, _h.integration_id == bind(_i.id))
_overdue = or_(_h.stale_at.is_(None), _h.stale_at < func.now())


# named as `Integration` names its fields
_READ = [_i.config_json.label("config"), *(column for column in _i if column not in {_i.name_key, _i.config_json})]


def _selected() -> Select[tuple[object, ...]]:
    return select(*_READ, *_STANDING).join_from(integrations, integration_health, _h.integration_id == _i.id)


_wanted_status = bind(_i.status, "status")
_has_status = or_(
    _wanted_status.is_(None),
    and_(_wanted_status == text("'unknown'"), or_(_i.status == text("'unknown'"), _overdue)),
    and_(_wanted_status != text("'unknown'"), _i.status == _wanted_status, _h.stale_at >= func.now()),
)
_after = or_(
    bind(_i.name_key, "after_key").is_(None),
    tuple_(_i.name_key, _i.id) > tuple_(bind(_i.name_key, "after_key"), bind(_i.id, "after_id")),
)
_paged = (
    _selected()
    .where(
        _i.tenant_id == tenant,
        or_(bind(_i.type).is_(None), _i.type == bind(_i.type)),
        or_(bind(_i.category).is_(None), _i.category == bind(_i.category)),
        or_(bind(_i.name, "tag").is_(None), bind(_i.name, "tag") == func.any(_i.tags)),
        or_(
            bind(_i.name, "name_contains").is_(None),
            func.strpos(_i.name_key, bind(_i.name, "name_contains")) > text("0"),
        ),
        _has_status,
        _after,
    )
    .order_by(_i.name_key, _i.id)
    .limit(limit)
)

PAGE = _paged.where(_kept)
PAGE_DELETED = _paged.where(not_(_kept))
BY_TYPE = (
    _selected()
    .where(_i.tenant_id == tenant, _i.type == bind(_i.type), _kept, _after)
    .order_by(_i.name_key, _i.id)
    .limit(limit)
)
GET_INTEGRATION = _selected().where(_this, _kept)

# Health is locked before integrations, by every writer: results come from the other side.
LOCK_HEALTH = select(_h.rests, _h.retry_after_until).where(_its_health).with_for_update()
LOCK_INTEGRATION = GET_INTEGRATION.with_for_update(of=integrations)
LOCK_DELETED = _selected().where(_this, not_(_kept)).with_for_update(of=integrations)
# Of several who would add one, each counts what the one before has added. A transaction's own lock, no session's.
LOCK_COUNT = text("SELECT pg_advisory_xact_lock(hashtext('count'), hashtext(:tenant))")
COUNT_INTEGRATIONS = select(func.count().label("count")).where(_i.tenant_id == tenant, _kept)

_known = and_(consumers.c.tenant_id == tenant, consumers.c.integration_id == bind(_i.id))
CONSUMERS_OF = select(consumers.c.consumer, consumers.c.last_seen_at).where(_known)
DEPENDENTS = (
    select(consumers.c.consumer, consumers.c.last_seen_at)
    .join_from(
        integrations,
        consumers,
        and_(consumers.c.tenant_id == _i.tenant_id, consumers.c.integration_id == _i.id),
        isouter=True,
    )
    .where(_this, _kept)
    .order_by(consumers.c.last_seen_at.desc(), consumers.c.consumer)
)
# A fresh row costs no write at all; ON CONFLICT alone would write 2.8 kB of WAL each time.
NOTE_CONSUMER = text("""\
INSERT INTO hub.consumers AS c (tenant_id, integration_id, consumer, last_seen_at)
SELECT :tenant, seen.id, :consumer, now() FROM unnest(CAST(:ids AS uuid[])) AS seen(id)
WHERE NOT EXISTS (
    SELECT 1 FROM hub.consumers AS k
    WHERE k.tenant_id = :tenant AND k.integration_id = seen.id AND k.consumer = :consumer
        AND k.last_seen_at > now() - interval '1 hour')
ORDER BY seen.id
ON CONFLICT (tenant_id, integration_id, consumer) DO UPDATE SET last_seen_at = excluded.last_seen_at""")

_GIVEN = [
    column for column in integrations.c if column.name not in ("status", "reason", "status_changed_at", "deleted_at")
]
_FIXED = ("id", "tenant_id", "type", "created_at")
INSERT_INTEGRATION = insert(integrations).values(given(_GIVEN))
INSERT_HEALTH = insert(integration_health).values(
    integration_id=bind(_i.id),
    tenant_id=bind(_i.tenant_id),
    target=bind(_i.target),
    next_check_at=bind(_h.next_check_at),
)
UPDATE_INTEGRATION = update(integrations).where(_this, _kept).values(given(c for c in _GIVEN if c.name not in _FIXED))
DELETE_INTEGRATION = (
    update(integrations)
    .where(_this, _kept)
    .values(deleted_at=bind(_i.deleted_at), updated_at=bind(_i.deleted_at), version=_i.version + text("1"))
)
RESTORE_INTEGRATION = (
    update(integrations)
    .where(_this, not_(_kept))
    .values(deleted_at=text("NULL"), updated_at=bind(_i.updated_at), version=_i.version + text("1"))
)
RESCHEDULE = update(integration_health).where(_its_health).values({**given(_SCHEDULE), "target": bind(_i.target)})
DROP_LEASE = text("""\
UPDATE hub.integration_health SET lease = NULL, claimed_at = NULL, lease_until = NULL
WHERE tenant_id = :tenant AND integration_id = :id""")
FORGET_STATUS = text("""\
UPDATE hub.integrations
SET status = 'unknown', reason = NULL,
    status_changed_at = CASE WHEN status = 'unknown' THEN status_changed_at ELSE :at END
WHERE tenant_id = :tenant AND id = :id""")
FORGET_HEALTH = text("""\
UPDATE hub.integration_health SET target = :target, next_check_at = :next_check_at, lease = NULL, claimed_at = NULL,
    lease_until = NULL, failures = 0, successes = 0, rests = 0, stale_at = NULL, retry_after_until = NULL,
    credential_ends_at = NULL, certificate_ends_at = NULL, secret_revision = NULL, look_at = NULL, endings_told = '{}',
    cause = NULL
WHERE tenant_id = :tenant AND integration_id = :id""")

SUMMARY_COUNTS = text("""\
SELECT i.type, CASE WHEN h.stale_at >= now() THEN i.status ELSE 'unknown' END AS status, count(*) AS count,
    min(h.last_checked_at) AS oldest_check_at
FROM hub.integrations AS i JOIN hub.integration_health AS h ON h.integration_id = i.id
WHERE i.tenant_id = :tenant AND i.deleted_at IS NULL
GROUP BY 1, 2""")
SUMMARY_ENDING = text("""\
SELECT i.id, i.name, i.type, e.what, e.ends_at
FROM hub.integration_health AS h JOIN hub.integrations AS i ON i.id = h.integration_id
    CROSS JOIN LATERAL (VALUES
        ('credential', h.credential_ends_at),
        ('certificate', h.certificate_ends_at),
        ('installation', CASE WHEN i.reason = 'suspended' THEN i.status_changed_at END)) AS e(what, ends_at)
WHERE h.tenant_id = :tenant AND e.ends_at < :ending_before AND i.deleted_at IS NULL
ORDER BY e.ends_at, i.id, e.what""")
