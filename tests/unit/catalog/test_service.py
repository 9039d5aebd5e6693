"""The catalogue's rules, over in-memory stores and the connectors that are installed."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from pydantic import ValidationError
from pydantic_core import to_json

from integrations_hub.caller import Caller
from integrations_hub.catalog.model import IdempotencyKey
from integrations_hub.catalog.views import ListQuery
from integrations_hub.errors import BadRequest, Conflict, InUse, Invalid, NameTaken, NotFound, PreconditionFailed
from integrations_hub.health.status import Status
from integrations_hub.views import PageQuery
from tests.support.in_memory_hub import ACME, GLOBEX, HEALTHY, InMemoryHub, draft

BROKEN = {"script": [{"do": "unhealthy", "reason": "credential_rejected"}]}


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def key(text: str = "k", body: bytes = b"{}") -> IdempotencyKey:
    return IdempotencyKey(text, "POST /api/v1/integrations", sha256(body).digest())


def names(page) -> list[str]:
    return [one["name"] for one in page.items]


def test_what_is_registered_is_read_back_unknown_and_due(hub):
    view = hub.register("registry", tags=["prod"], checkIntervalSeconds=120)
    again = hub.reader.get_integration(ACME, view.id)
    assert again == view
    assert (again.status, again.version, again.tags, again.next_check_at) == (Status.UNKNOWN, 1, ["prod"], hub.time)


def test_a_registration_leaves_an_audit_entry_and_an_event(hub):
    view = hub.register()
    assert [(r.action, r.actor, r.integration_id) for r in hub.audit()] == [("integration.created", "alice", view.id)]
    assert [event.type for event in hub.events()] == ["integration.created"]


def test_a_refused_registration_leaves_nothing(hub):
    hub.register("taken")
    with pytest.raises(NameTaken):
        hub.register("TAKEN")
    assert len(names(hub.reader.list_integrations(ACME, ListQuery()))) == len(hub.audit()) == len(hub.events()) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": "nothing-like-it"}, "/type"),
        ({"config": {"script": "x"}}, "/config/script"),
        ({"config": {**HEALTHY, "extra": 1}}, "/config/extra"),
        ({"checkIntervalSeconds": 59}, "/checkIntervalSeconds"),
        ({"authRefUri": "authref://vault/x"}, "/authRefUri"),
        ({"type": "harbor", "config": {"endpoint": "https://h.example"}}, "/authRefUri"),
        ({"type": "harbor", "config": {"endpoint": "https://u:p@h.example"}}, "/config/endpoint"),
    ],
)
def test_a_wrong_draft_says_where(hub, changes, pointer):
    with pytest.raises(Invalid) as refused:
        hub.register(**changes)
    assert pointer in [violation.pointer for violation in refused.value.violations]


def test_a_repeated_key_gets_the_first_answer_and_changes_nothing(hub):
    first = hub.catalog.create_integration(ACME, draft(), key(), None)
    hub.wait(3600)
    second = hub.catalog.create_integration(ACME, draft(), key(), None)
    assert second == first
    assert names(hub.reader.list_integrations(ACME, ListQuery())) == ["one"]


def test_a_key_with_another_body_is_refused(hub):
    hub.catalog.create_integration(ACME, draft(), key(), None)
    with pytest.raises(Invalid, match="another body"):
        hub.catalog.create_integration(ACME, draft("two"), key(body=b"other"), None)


def test_a_key_is_forgotten_after_a_day_and_belongs_to_its_tenant_and_actor(hub):
    hub.catalog.create_integration(ACME, draft(), key(), None)
    hub.catalog.create_integration(GLOBEX, draft(), key(), None)
    hub.catalog.create_integration(Caller("acme", "carol", frozenset()), draft("two"), key(), None)
    hub.wait(86_401)
    with pytest.raises(NameTaken):
        hub.catalog.create_integration(ACME, draft(), key(), None)


def test_a_failed_request_keeps_no_key(hub):
    hub.register("taken")
    with pytest.raises(NameTaken):
        hub.catalog.create_integration(ACME, draft("taken"), key(), None)
    assert hub.catalog.create_integration(ACME, draft("free"), key(), None).name == "free"


def test_the_tenant_limit_holds():
    hub = InMemoryHub(limit=2)
    hub.register("one")
    two = hub.register("two")
    with pytest.raises(Conflict, match="as many as it may"):
        hub.register("three")
    hub.catalog.delete_integration(ACME, two.id, force=False, if_version=None)
    hub.register("three")
    with pytest.raises(Conflict):
        hub.catalog.restore_integration(ACME, two.id)


def test_another_tenants_integration_is_not_found(hub):
    view = hub.register()
    for refused in (
        lambda: hub.reader.get_integration(GLOBEX, view.id),
        lambda: hub.catalog.update_integration(GLOBEX, view.id, draft(), None),
        lambda: hub.catalog.delete_integration(GLOBEX, view.id, force=True, if_version=None),
        lambda: hub.catalog.restore_integration(GLOBEX, view.id),
        lambda: hub.reader.list_dependents(GLOBEX, view.id),
        lambda: hub.health.check_integration(GLOBEX, view.id),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_change_of_config_makes_it_unknown_and_due(hub):
    view = hub.register()
    hub.sweep.sweep_health()
    assert hub.reader.get_integration(ACME, view.id).status is Status.HEALTHY
    changed = hub.catalog.update_integration(ACME, view.id, draft(config=BROKEN), 1)
    assert (changed.status, changed.version, changed.next_check_at) == (Status.UNKNOWN, 2, hub.time)


def test_a_change_of_name_keeps_the_status(hub):
    view = hub.register()
    hub.sweep.sweep_health()
    assert hub.catalog.update_integration(ACME, view.id, draft("renamed"), None).status is Status.HEALTHY


def test_a_stale_version_is_refused_and_a_status_change_makes_none_stale(hub):
    view = hub.register()
    hub.sweep.sweep_health()
    hub.catalog.update_integration(ACME, view.id, draft("two"), view.version)
    with pytest.raises(PreconditionFailed, match="version is now 2"):
        hub.catalog.update_integration(ACME, view.id, draft("three"), view.version)


def test_the_type_cannot_change(hub):
    view = hub.register()
    with pytest.raises(Invalid, match="type"):
        hub.catalog.update_integration(
            ACME,
            view.id,
            draft(type="harbor", config={"endpoint": "https://h.example"}, authRefUri="authref://vault/x"),
            None,
        )


def test_the_audit_names_changed_config_fields_and_never_their_values(hub):
    view = hub.register()
    hub.catalog.update_integration(ACME, view.id, draft(config=BROKEN), None)
    details = hub.audit()[-1].details
    assert "script" in details
    assert "credential_rejected" not in details


def test_deleted_is_gone_until_restored(hub):
    view = hub.register()
    hub.catalog.delete_integration(ACME, view.id, force=False, if_version=None)
    with pytest.raises(NotFound):
        hub.catalog.delete_integration(ACME, view.id, force=False, if_version=None)
    assert names(hub.reader.list_integrations(ACME, ListQuery())) == []
    assert names(hub.reader.list_integrations(ACME, ListQuery(deleted=True))) == ["one"]
    assert hub.sweep.sweep_health().claimed == 0
    restored = hub.catalog.restore_integration(ACME, view.id)
    assert (restored.status, restored.next_check_at) == (Status.UNKNOWN, hub.time)


def test_a_restore_fails_when_the_name_was_taken_since(hub):
    view = hub.register()
    hub.catalog.delete_integration(ACME, view.id, force=False, if_version=None)
    hub.register()
    with pytest.raises(NameTaken):
        hub.catalog.restore_integration(ACME, view.id)


def test_deleting_what_another_program_reads_needs_force(hub):
    view = hub.register()
    reader = Caller("acme", "deployer", frozenset(), "deployer")
    hub.reader.list_integrations_by_type(reader, "in-memory", PageQuery())
    with pytest.raises(InUse) as refused:
        hub.catalog.delete_integration(ACME, view.id, force=False, if_version=None)
    assert refused.value.extras.members["dependents"][0]["consumer"] == "deployer"
    hub.catalog.delete_integration(ACME, view.id, force=True, if_version=None)


@pytest.mark.parametrize(
    ("reader", "days"),
    [
        (ACME, 0),  # the caller itself
        (Caller("acme", "eve", frozenset(), "ide", interactive=True), 0),
        (Caller("acme", "old", frozenset(), "old"), 8),
    ],
)
def test_only_other_programs_of_the_last_week_are_in_the_way(hub, reader, days):
    view = hub.register()
    hub.reader.list_integrations_by_type(reader, "in-memory", PageQuery())
    hub.wait(timedelta(days=days).total_seconds())
    hub.catalog.delete_integration(ACME, view.id, force=False, if_version=None)


def test_pages_hold_everything_once_in_order_whatever_changes_between(hub):
    for name in ("b", "A", "ß", "c", "D", "ẞ2", "ａ3"):
        hub.register(name)
    seen, token = [], None
    while True:
        page = hub.reader.list_integrations(ACME, ListQuery(page_size=2, page_token=token))
        seen += names(page)
        token = page.nextPageToken
        if token is None:
            break
        hub.register(f"0{len(seen)}")  # sorts before every page that is still to come
    assert seen == ["A", "ａ3", "b", "c", "D", "ß", "ẞ2"]


def test_a_token_of_another_list_is_refused(hub):
    for n in range(3):
        hub.register(str(n))
    token = hub.reader.list_integrations(ACME, ListQuery(page_size=1)).nextPageToken
    with pytest.raises(BadRequest):
        hub.reader.list_integrations(ACME, ListQuery(page_size=1, page_token=token, type="harbor"))
    with pytest.raises(BadRequest):
        hub.reader.list_integrations_by_type(ACME, "in-memory", PageQuery(page_token=token))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "REG"}, ["registry"]),
        ({"tag": "prod"}, ["registry"]),
        ({"type": "in-memory"}, ["other", "registry"]),
        ({"category": "scm"}, []),
        ({"status": "unknown"}, ["other", "registry"]),
        ({"status": "healthy"}, []),
    ],
)
def test_filters(hub, query, found):
    hub.register("registry", tags=["prod"])
    hub.register("other", tags=["dev"])
    assert names(hub.reader.list_integrations(ACME, ListQuery(**query))) == found


def test_overdue_reads_unknown_in_answers_filters_and_counts(hub):
    view = hub.register()
    hub.sweep.sweep_health()
    hub.wait(601)
    assert hub.reader.get_integration(ACME, view.id).status is Status.UNKNOWN
    assert names(hub.reader.list_integrations(ACME, ListQuery(status="unknown"))) == ["one"]
    summary = hub.reader.get_summary(ACME)
    assert [(c.status, c.count) for c in summary.counts] == [(Status.UNKNOWN, 1)]


def test_a_page_ends_early_at_one_mebibyte(hub):
    long = {"script": [{"do": "unhealthy", "reason": "server_error", "checks": 1}] * 100}
    for n in range(500):
        hub.register(f"{n:04}", config=long)
    page = hub.reader.list_integrations(ACME, ListQuery(page_size=500))
    assert 0 < len(page.items) < 500
    assert page.nextPageToken is not None


def test_nothing_by_that_id_is_not_found(hub):
    with pytest.raises(NotFound):
        hub.reader.get_integration(ACME, uuid4())


@pytest.mark.parametrize("names_", [("𝕏" * 200, "𝕐" * 200), ("𓀀" * 200, "𓀁" * 200), ('"' * 200, '"' * 199 + "z")])
def test_a_page_token_is_one_the_next_request_may_carry_whatever_the_name(hub, names_):
    for name in names_:
        hub.register(name)
    token = hub.reader.list_integrations(ACME, ListQuery(page_size=1)).nextPageToken
    again = ListQuery.model_validate_strings({"page_size": "1", "page_token": token})
    assert names(hub.reader.list_integrations(ACME, again)) == [names_[1]]


def test_a_name_that_is_long_only_in_its_compared_form_is_refused(hub):
    with pytest.raises(ValidationError):
        draft("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200)
    hub.register("ß" * 200)


def test_a_page_ends_early_for_its_tags_and_windows_too(hub):
    tags = [f"{n:02}" + "\N{EGYPTIAN HIEROGLYPH A001}" * 62 for n in range(32)]
    for n in range(300):
        hub.register(f"{n:04}", tags=tags)
    page = hub.reader.list_integrations(ACME, ListQuery(page_size=300))
    assert len(to_json(page.items)) < 1024 * 1024 + 300 * 1024  # beside what is weighed, each has a few hundred bytes
    assert page.nextPageToken is not None


def test_a_program_depends_on_what_it_was_given_and_not_on_the_next_page(hub):
    first, second = hub.register("a"), hub.register("b")
    reader = Caller("acme", "deployer", frozenset(), "deployer")
    hub.reader.list_integrations_by_type(reader, "in-memory", PageQuery(page_size=1))
    assert [one.consumer for one in hub.reader.list_dependents(ACME, first.id).items] == ["deployer"]
    assert hub.reader.list_dependents(ACME, second.id).items == []


def test_a_repeated_key_gets_the_first_answer_even_when_its_receipt_is_old(hub):
    # Given a registration whose answer got lost
    receipt = hub.health.test_integration(ACME, draft()).receipt
    first = hub.catalog.create_integration(ACME, draft(), key(), receipt)
    # When
    hub.wait(3600)
    again = hub.catalog.create_integration(ACME, draft(), key(), receipt)
    # Then
    assert again == first


def test_a_repeated_key_gets_the_first_answer_after_the_deletion_too(hub):
    window = {"from": "2031-01-01T00:00:00Z", "until": "2031-01-01T01:00:00Z", "reason": "moving"}
    first = hub.catalog.create_integration(ACME, draft(maintenance=[window]), key(), None)
    hub.catalog.delete_integration(ACME, first.id, force=False, if_version=None)
    assert hub.catalog.create_integration(ACME, draft(maintenance=[window]), key(), None) == first
