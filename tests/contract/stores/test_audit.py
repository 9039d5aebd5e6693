"""The audit trail as it is read, the same from every store."""

from __future__ import annotations

from uuid import uuid4

from integrations_hub.audit.model import AuditAction, AuditEntry
from tests.support.catalogue import a_caller

NOBODY = uuid4()


def test_the_trail_pages_by_sequence_and_by_integration(stores):
    # Given
    caller = a_caller('quote " and \u2028 and \U0001f600')
    one, other = stores.add(caller, "one"), stores.add(caller, "other")
    stores.audit.append(caller, AuditEntry(AuditAction.TESTED, None, {"target": "x"}))
    # When
    everything = stores.audit.page(caller.tenant, None, 0, 10)
    # Then
    assert [record.seq for record in everything] == [1, 2, 3]
    assert [record.action for record in everything] == ["integration.created"] * 2 + ["integration.tested"]
    assert everything[0].actor == caller.subject
    assert everything[0].prev_hash == "00" * 32
    assert [record.prev_hash for record in everything[1:]] == [record.hash for record in everything[:2]]
    assert stores.audit.page(caller.tenant, None, 1, 1) == [everything[1]]
    assert stores.audit.page(caller.tenant, other.id, 0, 10) == [everything[1]]
    assert stores.audit.page(caller.tenant, one.id, 1, 10) == []
    assert stores.audit.page(caller.tenant, NOBODY, 0, 10) is None
