"""Webhooks: their secrets in force, and deliveries accepted once, the same in every store."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.events.model import EventType
from integrations_hub.webhooks.model import Accepted
from tests.support.catalogue import Stores, a_caller

NOBODY = uuid4()


def set_up(stores: Stores, caller, one, ref: str) -> None:
    stores.webhooks.begin(caller, one.id, ref)
    stores.webhooks.put_in_force(
        caller, one.id, ref, AuditEntry(AuditAction.WEBHOOK_SET_UP, one.id, {"secretRef": ref})
    )


def refs(stores: Stores, one) -> list[str]:
    target = stores.webhooks.target(one.id)
    return list(target.secret_refs) if target else []


def test_a_webhook_s_secret_counts_while_it_is_set_up_and_not_when_that_fails(stores):
    caller = a_caller()
    one = stores.add(caller)
    assert stores.webhooks.target(one.id) is None
    stores.webhooks.begin(caller, one.id, "authref://vault/a")
    assert refs(stores, one) == ["authref://vault/a"]
    stores.webhooks.abandon(caller, one.id, "authref://vault/a")
    assert stores.webhooks.target(one.id) is None


def test_a_secret_in_force_is_audited_and_counts_beside_the_one_that_replaces_it(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    set_up(stores, caller, one, "authref://vault/a")
    assert refs(stores, one) == ["authref://vault/a"]
    set_up(stores, caller, one, "authref://vault/b")
    assert refs(stores, one) == ["authref://vault/b", "authref://vault/a"]
    stores.webhooks.begin(caller, one.id, "authref://vault/c")
    stores.webhooks.abandon(caller, one.id, "authref://vault/c")
    assert refs(stores, one) == ["authref://vault/b", "authref://vault/a"]
    actions = [record.action for record in stores.audit.page(caller.tenant, one.id, 0, 100)]
    assert actions == ["integration.created", *["webhook.set_up"] * 3]


def test_a_target_says_whose_it_is_and_how_its_connector_reads_it(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    target = stores.webhooks.target(one.id)
    assert (target.tenant_id, target.type, target.config) == (caller.tenant, one.type, one.config)
    assert stores.webhooks.target(NOBODY) is None


def test_another_tenant_sets_up_nothing(stores):
    one, other = stores.add(a_caller()), a_caller("mallory")
    stores.webhooks.begin(other, one.id, "authref://vault/mine")
    assert stores.webhooks.target(one.id) is None


def test_a_deleted_integration_is_no_target(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    with stores.catalog.write(caller) as unit:
        unit.lock(one.id)
        unit.delete(one.id, datetime.now(UTC))
        unit.commit()
    assert stores.webhooks.target(one.id) is None


def test_a_delivery_is_accepted_once_and_told_once(stores):
    caller = a_caller()
    one = stores.add(caller)
    first = Accepted.of(one.id, [b"a" * 32, b"b" * 32], "push", "group/project")
    again = [
        Accepted.of(one.id, identities, "push", "group/project")
        for identities in ([b"a" * 32, b"b" * 32], [b"a" * 32, b"c" * 32], [b"b" * 32, b"d" * 32], [b"a" * 32])
    ]
    other = Accepted.of(one.id, [b"e" * 32], "push", None)
    accepted = [stores.webhooks.accept(caller.tenant, accepted) for accepted in (first, *again, other)]
    assert accepted == [True, False, False, False, False, True]
    assert stores.webhooks.accept(a_caller().tenant, Accepted.of(one.id, [b"f" * 32], "push", None)) is False
    told = []
    while items := [item for item in stores.outbox.claim(1000, 60) if item.tenant_id == caller.tenant]:
        told += [item.event for item in items]
        stores.outbox.delivered([item.lease for item in items])
    assert [event.id for event in told] == [first.event.id, other.event.id]
    assert told[0].type is EventType.EVENT_RECEIVED
    assert told[0].data == {"kind": "push", "resource": "group/project"}
