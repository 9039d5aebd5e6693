"""The audit trail: append by the one function that can, and read."""

from __future__ import annotations

from sqlalchemy import or_, select, text

from integrations_hub.storage.queries.binds import bind, limit, tenant
from integrations_hub.storage.tables import audit_heads, audit_logs, integrations

__all__ = ["AUDIT_APPEND", "AUDIT_HEAD", "AUDIT_KNOWN", "AUDIT_PAGE", "AUDIT_PAGE_OF"]

_a = audit_logs.c

AUDIT_APPEND = text("SELECT hub.audit_append(:actor, :action, :integration_id, :details)")
AUDIT_HEAD = select(audit_heads.c.seq, audit_heads.c.hash).where(audit_heads.c.tenant_id == tenant)
AUDIT_PAGE = (
    select(audit_logs).where(_a.tenant_id == tenant, _a.seq > bind(_a.seq, "after_seq")).order_by(_a.seq).limit(limit)
)
AUDIT_PAGE_OF = AUDIT_PAGE.where(_a.integration_id == bind(_a.integration_id))

_stored = (
    select(integrations.c.id)
    .where(integrations.c.tenant_id == tenant, integrations.c.id == bind(_a.integration_id))
    .exists()
)
_recorded = select(_a.seq).where(_a.tenant_id == tenant, _a.integration_id == bind(_a.integration_id)).exists()
AUDIT_KNOWN = select(or_(_stored, _recorded).label("known"))
