"""What the catalogue asks of storage. Implemented in `storage` on PostgreSQL and in memory; one suite runs over both.

Reads are one round trip. A write is a unit of work: what it reads first is one round trip; what it changes is queued
and goes out with the audit entry (always last) and COMMIT in a second. Leaving the unit without `commit` changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import (
    Dependent,
    IdempotencyKey,
    Integration,
    IntegrationFilter,
    Position,
    Summary,
)
from integrations_hub.events.model import Event

__all__ = ["CatalogStore", "CatalogUnit"]


class CatalogUnit(Protocol):
    """One transaction of one tenant."""

    def begin_idempotent(self, key: IdempotencyKey) -> Mapping[str, Any] | None:
        """Claim the key for this transaction, or return the answer stored under it (24 h).

        Raises:
            Invalid: the key was used with another body.
            IdempotencyInProgress: another transaction held the key for more than 5 s.
        """

    def finish_idempotent(self, key: IdempotencyKey, answer: Mapping[str, Any]) -> None:
        """Queue the answer that a repetition of the request shall get."""

    def count(self) -> int:
        """Return how many integrations the tenant has that are not deleted; who counts too waits for this unit."""

    def requires_receipt(self) -> bool:
        """Return whether the tenant wants a test receipt with what is registered."""

    def lock(self, integration_id: UUID, *, deleted: bool = False) -> Integration | None:
        """Return the integration and hold its row until the unit ends; only a deleted one when `deleted`."""

    def fresh_consumers(self, integration_id: UUID, since: datetime) -> Sequence[Dependent]:
        """Return who has read it since then."""

    def add(self, integration: Integration) -> None:
        """Queue a new integration, due for its first check at `next_check_at`. A taken name fails at commit."""

    def replace(self, integration: Integration, *, recheck: bool) -> None:
        """Queue the new state of a locked integration; `recheck` forgets its standing and lease: due now, `unknown`.

        The streaks and lease are forgotten too; an open alert stays open until a recovery closes it. Without
        `recheck` the schedule follows a changed interval, pause (next_check_at None, stale after two intervals)
        or resumption (due now, or when its rest ends), and a check under way that began under other rules is dropped.
        """

    def delete(self, integration_id: UUID, at: datetime) -> None:
        """Queue a soft delete: not listed, not checked, name free for others."""

    def restore(self, integration_id: UUID, at: datetime) -> None:
        """Queue the undoing of a soft delete: `unknown`, due now. A name taken since fails at commit."""

    def emit(self, event: Event) -> None:
        """Queue an event for delivery."""

    def record(self, entry: AuditEntry) -> None:
        """Queue the audit entry; it is written last."""

    def commit(self) -> None:
        """Send what is queued and commit.

        Raises:
            NameTaken: another integration of the tenant bears the name.
            StorageUnavailable: the commit's fate is unknown; the client may repeat with its Idempotency-Key.
        """


class CatalogStore(Protocol):
    """Reads of one tenant, and the door to its units of work."""

    def page(self, tenant: str, wanted: IntegrationFilter, after: Position | None, limit: int) -> Sequence[Integration]:
        """Return up to `limit` integrations after `after`, by (name_key, id). Status is compared as of now."""

    def get(self, tenant: str, integration_id: UUID) -> Integration | None:
        """Return one that is not deleted."""

    def by_type(
        self, tenant: str, type_: str, after: Position | None, limit: int, *, consumer: str | None
    ) -> Sequence[Integration]:
        """Return those of a type: `limit`, and one more where there are more, which begins the next page.

        `consumer` is noted as a dependent of each but that one, at most once an hour.
        """

    def dependents(self, tenant: str, integration_id: UUID) -> Sequence[Dependent] | None:
        """Return who reads it, newest first; None when there is no such integration."""

    def summary(self, tenant: str, ending_before: datetime) -> Summary:
        """Return the tenant's catalogue in numbers."""

    def spend(self, tenant: str, allowance: str, limit: int, window_s: int) -> tuple[int, float]:
        """Take one from a shared allowance of `limit` per `window_s` seconds.

        Returns how many are left (negative when over) and in how many seconds it refills.
        """

    def write(self, caller: Caller) -> AbstractContextManager[CatalogUnit]:
        """Open a unit of work for the caller's tenant; the caller is the actor of its audit entries."""
