"""Changing the catalogue, one method per function. Each write is one transaction with its audit entry and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import IdempotencyKey, Integration
from integrations_hub.catalog.ports import CatalogStore, CatalogUnit
from integrations_hub.catalog.reading import CatalogReader, missing
from integrations_hub.catalog.receipts import Receipts
from integrations_hub.catalog.registration import Registration, ValidDraft
from integrations_hub.catalog.views import (
    DependentView,
    IntegrationDraft,
    IntegrationView,
)
from integrations_hub.errors import Conflict, Extras, InUse, Invalid, NotFound, PreconditionFailed
from integrations_hub.events.model import Event, EventType

__all__ = ["CatalogService"]

_CONSUMER_COUNTS = timedelta(days=7)
_UNTESTED = (
    "This tenant registers only what was tested: POST the same body to /api/v1/integrations/test, "
    "and send the receipt of its answer in X-Test-Receipt within ten minutes."
)


@dataclass(frozen=True, slots=True)
class CatalogService:
    """The tenant's catalogue, changed."""

    reader: CatalogReader
    store: CatalogStore
    registration: Registration
    receipts: Receipts
    limit: int
    now: Callable[[], datetime]

    def create_integration(
        self, caller: Caller, draft: IntegrationDraft, key: IdempotencyKey | None, receipt: str | None
    ) -> IntegrationView:
        """Register an integration, due for its first check now; a repeated key gets the first answer.

        Raises:
            Invalid: the draft, the receipt, its want where the tenant requires one, or the key's reuse.
            NameTaken: the tenant has one of that name.
            Conflict: the tenant has as many as it may.
        """
        judged = self.registration.judge(draft, caller)
        with self.store.write(caller) as unit:
            stored = unit.begin_idempotent(key) if key else None
            if stored is not None:
                return IntegrationView.model_validate(stored, by_alias=True)
            tested = self.receipts.verify(caller.tenant, draft, receipt)
            if unit.requires_receipt() and not tested:
                raise Invalid(_UNTESTED)
            if unit.count() >= self.limit:
                raise Conflict(f"This tenant has {self.limit} integrations, as many as it may. Delete one first.")
            made = self._made(caller.tenant, judged)
            view = IntegrationView.of(made, self.now())
            unit.add(made)
            if key:
                unit.finish_idempotent(key, view.model_dump(mode="json", by_alias=True))
            audited = {**_audited(made), "testReceipt": tested, **judged.valid.references}
            _commit(unit, made, AuditAction.CREATED, EventType.CREATED, audited)
            return view

    def update_integration(
        self, caller: Caller, integration_id: UUID, draft: IntegrationDraft, if_version: int | None
    ) -> IntegrationView:
        """Replace an integration; new config or AuthRef makes it `unknown` and due now.

        Raises:
            NotFound: no such integration.
            PreconditionFailed: `if_version` is not its version.
            Invalid: the draft; the type cannot change.
            NameTaken: the tenant has another of that name.
        """
        judged = self.registration.judge(draft, caller)
        with self.store.write(caller) as unit:
            old = unit.lock(integration_id)
            if old is None:
                raise missing()
            _same_version(old, if_version)
            if old.type != draft.type:
                raise Invalid("The type of an integration cannot change: register a new one.")
            new = self._changed(old, judged)
            recheck = (new.config, new.auth_ref_uri) != (old.config, old.auth_ref_uri)
            unit.replace(new, recheck=recheck)
            _commit(unit, new, AuditAction.UPDATED, EventType.UPDATED, {"changed": _differences(old, new)})
        return self.reader.get_integration(caller, integration_id)

    def delete_integration(self, caller: Caller, integration_id: UUID, *, force: bool, if_version: int | None) -> None:
        """Delete softly; refused while other programs read it, unless forced.

        Raises:
            NotFound: no such integration.
            PreconditionFailed: `if_version` is not its version.
            InUse: with the list of who reads it.
        """
        with self.store.write(caller) as unit:
            old = unit.lock(integration_id)
            if old is None:
                raise missing()
            _same_version(old, if_version)
            readers = unit.fresh_consumers(integration_id, self.now() - _CONSUMER_COUNTS)
            others = [one for one in readers if one.consumer != caller.consumer]
            if others and not force:
                members = {
                    "dependents": [DependentView.of(one).model_dump(mode="json", by_alias=True) for one in others]
                }
                raise InUse(
                    "Other programs read this integration in the last 7 days. Repeat with ?force=true to delete it.",
                    extras=Extras(members=members),
                )
            unit.delete(integration_id, self.now())
            details = {"name": old.name, "forced": force, "dependents": [one.consumer for one in others]}
            _commit(unit, old, AuditAction.DELETED, EventType.DELETED, details)

    def restore_integration(self, caller: Caller, integration_id: UUID) -> IntegrationView:
        """Undo a soft delete: `unknown` and due now.

        Raises:
            NotFound: no deleted integration of that id.
            NameTaken: its name was taken since.
        """
        with self.store.write(caller) as unit:
            old = unit.lock(integration_id, deleted=True)
            if old is None:
                raise NotFound("There is no deleted integration with this id.")
            if unit.count() >= self.limit:
                raise Conflict(f"This tenant has {self.limit} integrations, as many as it may. Delete one first.")
            unit.restore(integration_id, self.now())
            _commit(unit, old, AuditAction.RESTORED, EventType.RESTORED, {"name": old.name})
        return self.reader.get_integration(caller, integration_id)

    def _made(self, tenant: str, judged: ValidDraft) -> Integration:
        now = self.now()
        return Integration(
            id=uuid4(), tenant_id=tenant, version=1, created_at=now, updated_at=now, next_check_at=now, **_given(judged)
        )

    def _changed(self, old: Integration, judged: ValidDraft) -> Integration:
        return replace(old, version=old.version + 1, updated_at=self.now(), **_given(judged))


def _given(judged: ValidDraft) -> dict[str, Any]:
    """Return the fields of an integration that a caller decides."""
    draft, valid = judged.draft, judged.valid
    return {
        "type": draft.type,
        "category": valid.category,
        "name": draft.name,
        "config": valid.config,
        "auth_ref_uri": judged.auth_ref_uri,
        "tags": draft.tags,
        "target": valid.target,
        "paused": draft.paused,
        "maintenance": judged.maintenance,
        "check_interval_seconds": draft.check_interval_seconds,
        "failure_threshold": draft.failure_threshold,
        "success_threshold": draft.success_threshold,
    }


def _commit(
    unit: CatalogUnit, one: Integration, action: AuditAction, event: EventType, details: Mapping[str, Any]
) -> None:
    """Queue the event and the audit entry that go with a change, and commit all of it."""
    unit.emit(Event(event, one.id, {"name": one.name, "type": one.type}))
    unit.record(AuditEntry(action, one.id, details))
    unit.commit()


def _audited(one: Integration) -> dict[str, Any]:
    """Return what the audit trail keeps of a new integration: where it points and which secret it names."""
    return {"name": one.name, "type": one.type, "target": one.target, "authRef": one.auth_ref_uri}


_AUDITED_FIELDS = (
    "name",
    "config",
    "auth_ref_uri",
    "tags",
    "target",
    "paused",
    "check_interval_seconds",
    "failure_threshold",
    "success_threshold",
)


def _differences(old: Integration, new: Integration) -> dict[str, Any]:
    """Return what changed, old and new; of a config only the names of its fields."""
    changed = {name: [getattr(old, name), getattr(new, name)] for name in _AUDITED_FIELDS}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if "config" in changed:
        changed["config"] = sorted(k for k in {**old.config, **new.config} if old.config.get(k) != new.config.get(k))
    if tuple(old.maintenance) != tuple(new.maintenance):
        changed["maintenance"] = [len(old.maintenance), len(new.maintenance)]
    return changed


def _same_version(one: Integration, if_version: int | None) -> None:
    if if_version is not None and if_version != one.version:
        raise PreconditionFailed(
            f"It has changed since: the version is now {one.version}. Read it again and repeat the change."
        )
