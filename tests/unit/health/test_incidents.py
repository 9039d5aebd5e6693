"""Blame: one dead vault is one alert, whoever is behind it; its recovery brings the checks forward; rotations wake."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from integrations_hub.connector.contract import Category, Connector, ConnectorConfig, Endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.events.model import NO_SUBJECT, Event, EventType, Severity
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.status import Status
from integrations_hub.health.sweep import SweepService
from integrations_hub.plugins.discovery import Found
from tests.support.in_memory_hub import ACME, InMemoryHub, draft


class Config(ConnectorConfig):
    pass


class Locked(Connector[Config]):
    """A provider that takes one password only; the vault's second version holds it."""

    type, category, version = "locked", Category.TEST, "1"
    config_model = Config

    def __init__(self) -> None:
        self.accepts = True
        self.crashes = False

    def endpoint(self, config: Config) -> Endpoint:
        return Endpoint("https://locked.example")

    async def check_health(self, probe) -> None:
        async with probe.step(StepName.AUTHENTICATE):
            if self.crashes:
                raise ValueError("a fault of its own")
            if not self.accepts:
                raise CheckFailed(Reason.CREDENTIAL_REJECTED, "no", "Renew it.")


class OneConnector:
    """A `PluginCatalog` with one connector."""

    def __init__(self) -> None:
        self.locked = Locked()

    def get(self, type_: str):
        return self.locked if type_ == "locked" else None

    def types(self) -> list[str]:
        return ["locked"]

    def scan(self) -> list[Found]:
        return []


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub(plugins=OneConnector())


GIVEN = {"type": "locked", "config": {}, "authRefUri": "authref://vault/a"}


def register(hub: InMemoryHub, count: int) -> list:
    return [hub.register(f"n{n}", **GIVEN) for n in range(count)]


def alerts(hub: InMemoryHub) -> list[tuple[EventType, Severity]]:
    return [(event.type, event.severity) for event in hub.events() if event.severity is not Severity.INFO]


def statuses(hub: InMemoryHub, made: list) -> set[tuple[Status, Reason | None]]:
    views = [hub.reader.get_integration(ACME, one.id) for one in made]
    return {(view.status, view.reason) for view in views}


def test_forty_three_integrations_behind_one_dead_vault_are_one_alert_and_one_recovery(hub):
    # Given
    made = register(hub, 43)
    hub.sweep.sweep_health()
    assert statuses(hub, made) == {(Status.HEALTHY, Reason.OK)}
    # When
    hub.vault.away = True
    for _ in range(4):
        hub.wait(300)
        hub.sweep.sweep_health()
    # Then
    assert statuses(hub, made) == {(Status.UNKNOWN, Reason.SECRET_UNAVAILABLE)}
    assert alerts(hub) == [(EventType.INCIDENT_OPENED, Severity.ALERT)]
    # When
    hub.vault.away = False
    hub.wait(1)
    hub.sweep.sweep_health()
    hub.wait(67)
    hub.sweep.sweep_health()
    # Then
    assert statuses(hub, made) == {(Status.HEALTHY, Reason.OK)}
    assert alerts(hub) == [(EventType.INCIDENT_CLOSED, Severity.RECOVERY)]


def test_a_connector_that_crashes_is_one_alert_until_none_of_its_checks_crashes(hub):
    # Given
    made = register(hub, 5)
    # When its new release crashes
    hub.plugins.locked.crashes = True
    for _ in range(3):
        hub.sweep.sweep_health()
        hub.wait(301)
    # Then
    assert statuses(hub, made) == {(Status.UNKNOWN, Reason.CONNECTOR_CRASHED)}
    (alert,) = [event for event in hub.events() if event.severity is not Severity.INFO]
    assert (alert.type, alert.data["cause"]) == (EventType.INCIDENT_OPENED, "connector:locked")
    # When all but one are well again, and that one is paused
    hub.plugins.locked.crashes = False
    hub.catalog.update_integration(ACME, made[0].id, draft("n0", **GIVEN, paused=True), None)
    hub.sweep.sweep_health()
    hub.sweep.sweep_health()
    # Then
    assert alerts(hub) == [(EventType.INCIDENT_CLOSED, Severity.RECOVERY)]
    assert statuses(hub, made[1:]) == {(Status.HEALTHY, Reason.OK)}


def test_a_check_that_rests_after_a_rejected_secret_is_woken_by_its_rotation(hub):
    # Given
    (one,) = made = register(hub, 1)
    hub.plugins.locked.accepts = False
    hub.sweep.sweep_health()
    assert statuses(hub, made) == {(Status.UNHEALTHY, Reason.CREDENTIAL_REJECTED)}
    rests_until = hub.reader.get_integration(ACME, one.id).next_check_at
    # When no secret was rotated
    hub.wait(301)
    hub.sweep.sweep_health()
    # Then
    assert hub.reader.get_integration(ACME, one.id).next_check_at == rests_until
    # When
    hub.vault.version, hub.plugins.locked.accepts = 2, True
    hub.wait(301)
    hub.sweep.sweep_health()
    hub.wait(1)
    hub.sweep.sweep_health()
    # Then
    view = hub.reader.get_integration(ACME, one.id)
    assert view.last_checked_at > one.created_at
    assert view.credential.rotated_at is not None
    assert hub.now() < rests_until


class Silent:
    """A `ConnectorHost` that runs checks, and gives no other answer as long as anybody waits."""

    def __init__(self, host) -> None:
        self.submit = host.submit

    def is_over(self, cause: str) -> Future[bool]:
        return Future()

    def look(self, look) -> Future[None]:
        return Future()


def test_a_vault_that_hangs_keeps_nobody_from_being_checked(hub):
    # Given an open incident, a secret to look at, and nobody who answers for either
    hub.plugins.locked.accepts = False
    register(hub, 1)
    hub.sweep.sweep_health()
    hub.wait(301)
    assert hub.incidents.open_incident("backend:vault", Event(EventType.INCIDENT_OPENED, NO_SUBJECT))
    hub.plugins.locked.accepts = True
    other = hub.register("other", **GIVEN)
    # When
    silent = Silent(hub.host)
    SweepService(Incidents(hub.incidents, silent, answer_s=0.05), hub.sweep.way).sweep_health()
    # Then
    assert statuses(hub, [other]) == {(Status.HEALTHY, Reason.OK)}
    assert hub.incidents.open_incidents() == ["backend:vault"]
