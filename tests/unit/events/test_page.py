"""The page of events is what the code tells: every type has its example, with the very attributes and data it has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cloudevents.http import from_json

from integrations_hub.connector.reasons import Reason
from integrations_hub.events.channels import LogChannel
from integrations_hub.events.cloudevents import cloud_event
from integrations_hub.events.failures import DeliveryFailed
from integrations_hub.events.model import EventType, OutboxItem
from integrations_hub.events.sending import Sending
from integrations_hub.storage.memory import (
    MemoryAudit,
    MemoryCatalog,
    MemoryOutbox,
    MemoryTenants,
    MemoryWebhooks,
)
from integrations_hub.tenants.service import TenantService
from integrations_hub.webhooks.model import Accepted
from tests.support.in_memory_hub import ACME, InMemoryHub, draft
from tests.unit.health.test_machine import NOW, found, run

PAGE = (Path(__file__).parents[3] / "infra" / "docs" / "events.md").read_text()
SECTION = re.compile(r"^### `(?P<type>[a-z_.]+)`\n\n.+?\n\n```json\n(?P<example>.+?)\n```$", re.MULTILINE | re.DOTALL)
EXAMPLES = {found["type"]: json.loads(found["example"]) for found in SECTION.finditer(PAGE)}


class Kept(LogChannel):
    """A log whose lines are kept."""

    def __init__(self) -> None:
        super().__init__("")
        self.got: list[OutboxItem] = []

    def send(self, items) -> Mapping[UUID, DeliveryFailed]:
        self.got += items
        return {}


def produced() -> dict[str, OutboxItem]:
    """Have the hub tell one event of each type."""
    hub = InMemoryHub()
    one = hub.register("harbor-production", config={"script": [{"do": "unhealthy"}]}, failureThreshold=1)
    hub.health.check_integration(ACME, one.id)
    hub.catalog.update_integration(ACME, one.id, draft("harbor-production", tags=["red"]), None)
    hub.catalog.delete_integration(ACME, one.id, force=True, if_version=None)
    hub.catalog.restore_integration(ACME, one.id)
    MemoryWebhooks(hub.memory).accept("acme", Accepted.of(one.id, [b"d" * 32], "push", "team/app"))
    ends = replace(found(Reason.OK), credential_ends_at=NOW + timedelta(days=12))
    with hub.memory.lock:
        for event in run(ends)[0].events:
            if event.type is EventType.CREDENTIAL_ENDING:
                hub.memory.state.emit(replace(event, integration_id=one.id), hub.now())
    hub.sweep.incidents.opened(["backend:vault"])
    hub.sweep.incidents.close_what_is_over()
    outbox = MemoryOutbox(hub.memory)
    items: list[OutboxItem] = []
    while leased := outbox.claim(100, 60):
        items += leased
        outbox.delivered([item.lease for item in leased])
    return {item.event.type: item for item in [*items, tried(hub)]}


def tried(hub: InMemoryHub) -> OutboxItem:
    """Return the event of a test."""
    log, memory = Kept(), hub.memory
    sending = Sending({"log": log}, log)
    stores = MemoryTenants(memory), MemoryCatalog(memory), MemoryAudit(memory)
    TenantService(*stores, hub.vault, sending, receipts_issued=True, now=hub.now).test_alert_route(ACME)
    return log.got[0]


@pytest.fixture(scope="module")
def told() -> dict[str, OutboxItem]:
    return produced()


def test_every_type_has_its_example_and_its_sentence(told):
    assert list(EXAMPLES) == [str(one) for one in EventType]
    assert set(told) == set(EventType)


@pytest.mark.parametrize("type_", EventType)
def test_an_example_has_the_attributes_and_data_that_are_told(told, type_):
    document, example = json.loads(cloud_event(told[type_], "https://hub.example.com")), EXAMPLES[type_]
    assert list(example) == list(document)
    assert {name: type(value) for name, value in example["data"].items()} == {
        name: type(value) for name, value in document["data"].items()
    }
    for name in ("specversion", "source", "type", "datacontenttype", "severity"):
        assert example[name] == document[name]


@pytest.mark.parametrize("type_", EventType)
def test_an_official_reader_takes_the_example_and_what_is_told(told, type_):
    for text in (json.dumps(EXAMPLES[type_]), cloud_event(told[type_], "https://hub.example.com")):
        assert from_json(text)["type"] == type_
