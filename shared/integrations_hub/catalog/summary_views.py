"""A tenant's catalogue in numbers, on the wire."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from integrations_hub.catalog.model import Ending, Summary
from integrations_hub.health.status import Status
from integrations_hub.views import Answer, Instant

__all__ = ["SummaryView"]


class CountView(Answer):
    """How many integrations of a type have a status."""

    type: str
    status: Status
    count: int


class EndingView(Answer):
    """What ends soon: the credential, the endpoint's certificate; or an installation suspended since `endsAt`."""

    id: UUID
    name: str
    type: str
    what: str
    ends_at: Instant

    @classmethod
    def of(cls, ending: Ending) -> Self:
        """Write an ending."""
        return cls(id=ending.id, name=ending.name, type=ending.type, what=ending.what, ends_at=ending.ends_at)


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
            ending=[EndingView.of(one) for one in summary.ending],
            audit_head=AuditHeadView(seq=summary.audit_seq, hash=summary.audit_hash),
        )
