"""A tenant's catalogue in numbers, on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from integrations_hub.catalog.model import Summary
from integrations_hub.health.status import Status
from integrations_hub.views import Answer, Instant

__all__ = ["SummaryView"]


class CountView(Answer):
    """How many integrations of a type have a status."""

    type: str
    status: Status
    count: int


class EndingView(Answer):
    """A credential or certificate that ends soon."""

    id: UUID
    name: str
    type: str
    ends_at: Instant


class AuditHeadView(Answer):
    """The newest link of the tenant's audit chain: note it elsewhere to prove later that nothing was cut off."""

    seq: int
    hash: str


class SummaryView(Answer):
    """The tenant's catalogue in numbers."""

    total: int
    counts: list[CountView]
    oldest_check_at: Instant | None
    ending: list[EndingView]
    audit_head: AuditHeadView

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Write a summary."""
        return cls(
            total=sum(summary.counts.values()),
            counts=[CountView(type=t, status=s, count=n) for (t, s), n in sorted(summary.counts.items())],
            oldest_check_at=summary.oldest_check_at,
            ending=_endings(summary.ending),
            audit_head=AuditHeadView(seq=summary.audit_seq, hash=summary.audit_hash),
        )


def _endings(ending: Sequence[tuple[UUID, str, str, datetime]]) -> list[EndingView]:
    return [EndingView(id=id_, name=name, type=kind, ends_at=at) for id_, name, kind, at in ending]
