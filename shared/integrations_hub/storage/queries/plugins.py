"""The installed connectors, which are the deployment's."""

from __future__ import annotations

from sqlalchemy import Column, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from integrations_hub.storage.queries.binds import bind, given
from integrations_hub.storage.tables import plugin_metadata

__all__ = ["ACTIVE_PLUGINS", "ALL_PLUGINS", "LOCK_PLUGINS", "REMOVE_PLUGIN", "UPSERT_PLUGIN"]

_p = plugin_metadata.c
_given: list[Column[object]] = [column for column in plugin_metadata.c if column.name != "changed_at"]

# Two discoveries at once: the second sees what the first did. A transaction's own lock, no session's.
LOCK_PLUGINS = text("SELECT pg_advisory_xact_lock(hashtext('hub.plugin_metadata'))")
ALL_PLUGINS = select(*_given).order_by(_p.plugin_id)
ACTIVE_PLUGINS = select(*_given).where(_p.state == text("'active'")).order_by(_p.type, _p.plugin_id)
_inserted = insert(plugin_metadata).values(given(_given))
UPSERT_PLUGIN = _inserted.on_conflict_do_update(
    index_elements=[_p.plugin_id],
    set_={c.name: _inserted.excluded[c.name] for c in _given if c is not _p.plugin_id} | {"changed_at": func.now()},
)
REMOVE_PLUGIN = (
    update(plugin_metadata)
    .where(_p.plugin_id == bind(_p.plugin_id))
    .values(state=text("'removed'"), changed_at=func.now())
)
