"""One tenant's transaction: a round trip for what it reads, and one for what it changes, audits and commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import rfc8785

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Dependent, IdempotencyKey, Integration
from integrations_hub.errors import Extras, IdempotencyInProgress, Invalid
from integrations_hub.events.kick import no_kick
from integrations_hub.events.model import Event
from integrations_hub.events.ports import Kick
from integrations_hub.health.machine import resting_until
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Row, Session, Statement
from integrations_hub.storage.faults import LockTimeout
from integrations_hub.storage.rows import integration_of, integration_row, jsonb
from integrations_hub.storage.schedule import outdates_check, rescheduled

__all__ = ["UnitOfWork", "audit_statement"]

_KEY_WAIT, _USUAL_WAIT = "5s", "3s"


def audit_statement(caller: Caller, entry: AuditEntry) -> Statement:
    """Return the statement that appends an entry; `details` goes as the RFC 8785 text that is hashed."""
    details = rfc8785.dumps(cast("dict[str, Any]", entry.details)).decode()
    return sql.AUDIT_APPEND, {
        "actor": caller.subject,
        "action": entry.action,
        "integration_id": entry.integration_id,
        "details": details,
    }


class UnitOfWork:
    """Reads under lock, queues changes, and sends them with the audit entry, always last, and COMMIT."""

    def __init__(self, session: Session, caller: Caller, kick: Kick = no_kick) -> None:
        """Begin nothing yet: BEGIN goes with the first question. Events that were committed are kicked on."""
        self._kick = kick
        self._session = session
        self._caller = caller
        self._tenant = {"tenant": caller.tenant}
        self._begun = False
        self._queue: list[Statement] = []
        self._audit: list[Statement] = []
        self._count: int | None = None
        self._policy = False
        self._consumers: dict[UUID, Sequence[Dependent]] = {}
        self._locked: dict[UUID, tuple[Integration, Row]] = {}

    def begin_idempotent(self, key: IdempotencyKey) -> Mapping[str, Any] | None:
        """Claim the key, or return the answer stored under it; see `CatalogUnit`."""
        named = self._named(key) | {"body_sha256": key.body_sha256}
        try:
            _, claimed, stored, _, counted, policy, _ = self._ask(
                (sql.SET_LOCK_TIMEOUT, {"lock_timeout": _KEY_WAIT}),
                (sql.CLAIM_KEY, named),
                (sql.READ_KEY, named),
                (sql.LOCK_COUNT, self._tenant),
                (sql.COUNT_INTEGRATIONS, self._tenant),
                (sql.TENANT_POLICY, self._tenant),
                (sql.SET_LOCK_TIMEOUT, {"lock_timeout": _USUAL_WAIT}),
            )
        except LockTimeout:
            raise IdempotencyInProgress(
                "A request with this Idempotency-Key is being worked on. Repeat it in a moment.",
                extras=Extras(headers={"Retry-After": "1"}),
            ) from None
        self._count, self._policy = counted[0]["count"], bool(policy)
        if claimed:
            return None
        if stored[0]["body_sha256"] != key.body_sha256:
            raise Invalid("This Idempotency-Key was used with another body. Use a new key for a new request.")
        return cast("Mapping[str, Any]", stored[0]["answer"])

    def finish_idempotent(self, key: IdempotencyKey, answer: Mapping[str, Any]) -> None:
        """Queue the answer to the key."""
        self._queue.append((sql.FINISH_KEY, self._named(key) | {"answer": jsonb(answer)}))

    def count(self) -> int:
        """Return how many the tenant has, which others who count may change only when the unit has ended.

        Asked along with a key or a deleted one, at no extra round trip.
        """
        if self._count is None:
            count = (sql.LOCK_COUNT, self._tenant), (sql.COUNT_INTEGRATIONS, self._tenant)
            _, (row,), policy = self._ask(*count, (sql.TENANT_POLICY, self._tenant))
            self._count, self._policy = row["count"], bool(policy)
        return self._count

    def requires_receipt(self) -> bool:
        """Return whether the tenant wants a test receipt with what is registered; asked along with the count."""
        self.count()
        return self._policy

    def lock(self, integration_id: UUID, *, deleted: bool = False) -> Integration | None:
        """Return the integration and hold its rows; with what `count` and `fresh_consumers` will ask."""
        named = self._of(integration_id)
        count = ((sql.LOCK_COUNT, self._tenant), (sql.COUNT_INTEGRATIONS, self._tenant)) if deleted else ()
        health, found, consumers, *counted = self._ask(
            (sql.LOCK_HEALTH, named),
            (sql.LOCK_DELETED if deleted else sql.LOCK_INTEGRATION, named),
            (sql.CONSUMERS_OF, named),
            *count,
        )
        if counted:
            self._count = counted[1][0]["count"]
        self._consumers[integration_id] = [Dependent(row["consumer"], row["last_seen_at"]) for row in consumers]
        if not found:
            return None
        one = integration_of(found[0])
        self._locked[integration_id] = one, health[0]
        return one

    def fresh_consumers(self, integration_id: UUID, since: datetime) -> Sequence[Dependent]:
        """Return who has read a locked integration since then, newest first."""
        fresh = [one for one in self._consumers[integration_id] if one.last_seen_at >= since]
        return sorted(fresh, key=lambda one: (-one.last_seen_at.timestamp(), one.consumer))

    def add(self, integration: Integration) -> None:
        """Queue a new integration."""
        row = integration_row(integration)
        due = None if integration.paused else integration.next_check_at
        self._queue += [(sql.INSERT_INTEGRATION, row), (sql.INSERT_HEALTH, row | {"next_check_at": due})]

    def replace(self, integration: Integration, *, recheck: bool) -> None:
        """Queue the new state of a locked integration."""
        named, now = self._of(integration.id), integration.updated_at
        self._queue.append((sql.UPDATE_INTEGRATION, integration_row(integration) | named))
        if recheck:
            self._forget(integration, now)
            return
        old, health = self._locked[integration.id]
        rests_until = resting_until(health["rests"], old.last_checked_at, health["retry_after_until"])
        due, stale = rescheduled(old, integration, rests_until=rests_until, now=now)
        schedule = {"target": integration.target, "next_check_at": due, "stale_at": stale}
        self._queue.append((sql.RESCHEDULE, named | schedule))
        if outdates_check(old, integration):
            self._queue.append((sql.DROP_LEASE, named))

    def delete(self, integration_id: UUID, at: datetime) -> None:
        """Queue a soft delete of a locked integration."""
        old, _ = self._locked[integration_id]
        named = self._of(integration_id) | {"target": old.target, "next_check_at": None}
        self._queue += [(sql.DELETE_INTEGRATION, named | {"deleted_at": at}), (sql.FORGET_HEALTH, named)]

    def restore(self, integration_id: UUID, at: datetime) -> None:
        """Queue the undoing of a locked one's soft delete."""
        self._queue.append((sql.RESTORE_INTEGRATION, self._of(integration_id) | {"updated_at": at}))
        self._forget(self._locked[integration_id][0], at)

    def emit(self, event: Event) -> None:
        """Queue an event."""
        row: dict[str, object] = {"id": event.id, "integration_id": event.integration_id}
        row |= {"type": event.type, "severity": event.severity}
        row |= {"data": jsonb(event.data), "traceparent": event.traceparent or None}
        self._queue.append((sql.EMIT, self._tenant | row))

    def record(self, entry: AuditEntry) -> None:
        """Queue the audit entry; it goes out last."""
        self._audit.append(audit_statement(self._caller, entry))

    def commit(self) -> None:
        """Send what is queued, the audit entry and COMMIT: one round trip, never repeated."""
        if not self._begun:
            self._ask()
        self._session.send(*self._queue, *self._audit, ("COMMIT", {}))
        if any(text is sql.EMIT for text, _ in self._queue):
            self._kick()

    def _ask(self, *questions: Statement) -> list[list[Row]]:
        """Send questions; the first take BEGIN and the tenant with them."""
        if self._begun:
            return self._session.send(*questions)
        begin: list[Statement] = [("BEGIN", {}), (sql.SET_TENANT, self._tenant)]
        answers = self._session.send(*begin, *questions)
        self._begun = True
        return answers[len(begin) :]

    def _forget(self, one: Integration, at: datetime) -> None:
        """Queue the forgetting of an integration's standing: unknown, due now unless paused."""
        named = self._of(one.id)
        due = None if one.paused else at
        self._queue.append((sql.FORGET_STATUS, named | {"at": at}))
        self._queue.append((sql.FORGET_HEALTH, named | {"target": one.target, "next_check_at": due}))

    def _of(self, integration_id: UUID) -> dict[str, object]:
        return {**self._tenant, "id": integration_id}

    def _named(self, key: IdempotencyKey) -> dict[str, object]:
        return {**self._tenant, "actor": self._caller.subject, "route": key.route, "key": key.key}
