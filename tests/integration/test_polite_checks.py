"""Politeness and blame over real sockets: a provider that asked to be left alone is, and a dead egress is ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network

import pytest

from integrations_hub.connector.answer import judge_status
from integrations_hub.connector.contract import Category, Connector, ConnectorConfig, CredentialNeed, Endpoint
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.events.model import EventType, Severity
from integrations_hub.health.status import Status
from tests.support.in_memory_hub import ACME, GLOBEX, InMemoryHub, draft


class Provider:
    """An HTTP server on loopback that answers one status with header fields of the test's choosing."""

    def __init__(self) -> None:
        self.status, self.asked = 200, 0
        self.headers: dict[str, str] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                self.send_response(provider.status)
                for name, value in {**provider.headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Config(ConnectorConfig):
    endpoint: str


class Web(Connector[Config]):
    """A provider that is well when it answers."""

    type, category, version = "web", Category.TEST, "1"
    credential = CredentialNeed.OPTIONAL
    config_model = Config

    def endpoint(self, config: Config) -> Endpoint:
        return Endpoint(config.endpoint)

    async def check_health(self, probe) -> None:
        async with probe.step(StepName.PRODUCT):
            judge_status(await probe.http.get("health"))


class OnlyWeb:
    """A `PluginCatalog` with one connector."""

    def get(self, type_: str):
        return Web() if type_ == "web" else None

    def types(self) -> list[str]:
        return ["web"]

    def scan(self) -> list:
        return []


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def canary() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def hub_with() -> Iterator[Callable[[str | None], InMemoryHub]]:
    made: list[InMemoryHub] = []

    def build(canary_url: str | None) -> InMemoryHub:
        made.append(InMemoryHub(plugins=OnlyWeb(), allow=[IPv4Network("127.0.0.0/8")], canary_url=canary_url))
        return made[-1]

    yield build
    for one in made:
        one.close()


@pytest.fixture
def hub(hub_with) -> InMemoryHub:
    return hub_with(None)


def register(hub: InMemoryHub, url: str, count: int, secret: str = "a", caller=ACME) -> list:
    given = {"type": "web", "config": {"endpoint": url}, "authRefUri": f"authref://vault/{secret}"}
    return [hub.register(f"{secret}{n}", caller=caller, **given) for n in range(count)]


def status_of(hub: InMemoryHub, one, caller=ACME) -> tuple[Status, Reason | None]:
    view = hub.reader.get_integration(caller, one.id)
    return view.status, view.reason


def test_who_asked_to_be_left_alone_is_by_every_integration_of_the_credential(hub, provider):
    # Given three that are well
    made = register(hub, provider.url, 3)
    hub.sweep.sweep_health()
    assert provider.asked == 3
    # When one of them is told to wait two minutes
    provider.status, provider.headers = 429, {"Retry-After": "120"}
    hub.wait(1)
    hub.health.check_integration(ACME, made[0].id)
    assert provider.asked == 4
    provider.status, provider.headers = 200, {}
    # Then nobody asks before that: no sweep, no check on demand, no dry run, and none registered since
    given = {"type": "web", "config": {"endpoint": provider.url}}
    another = draft("dry", **given, authRefUri="authref://vault/another")
    assert hub.health.test_integration(ACME, another).status is Status.HEALTHY
    asked = provider.asked
    hub.register("newcomer", **given, authRefUri="authref://vault/a")
    for _ in range(11):
        hub.wait(10)
        hub.sweep.sweep_health()
    assert hub.health.check_integration(ACME, made[1].id).retry_after_until > hub.time
    tried = draft("dry", **given, authRefUri="authref://vault/a")
    assert hub.health.test_integration(ACME, tried).reason is Reason.RATE_LIMITED
    assert provider.asked == asked
    assert {status_of(hub, one)[0] for one in made} == {Status.HEALTHY}
    # And afterwards they do
    hub.wait(400)
    hub.sweep.sweep_health()
    assert provider.asked == asked + 4


def test_within_one_sweep_too_the_first_refusal_is_enough(hub, provider):
    made = register(hub, provider.url, 40)
    provider.status, provider.headers = 429, {"Retry-After": "120"}
    hub.sweep.sweep_health()
    assert provider.asked <= 4  # those that were under way
    assert {status_of(hub, one)[0] for one in made} == {Status.UNKNOWN}


def test_another_tenant_or_credential_is_asked_as_before(hub, provider):
    (limited,) = register(hub, provider.url, 1)
    provider.status, provider.headers = 429, {"Retry-After": "120"}
    hub.health.check_integration(ACME, limited.id)
    provider.status, provider.headers = 200, {}
    (other,), (foreign,) = register(hub, provider.url, 1, "b"), register(hub, provider.url, 1, "a", GLOBEX)
    hub.sweep.sweep_health()
    assert status_of(hub, other)[0] is Status.HEALTHY
    assert status_of(hub, foreign, GLOBEX)[0] is Status.HEALTHY


def test_a_used_up_quota_is_a_success_that_rests(hub, provider):
    provider.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "900"}
    one, other = register(hub, provider.url, 2)
    hub.health.check_integration(ACME, one.id)
    asked = provider.asked
    hub.wait(800)
    hub.sweep.sweep_health()
    assert provider.asked == asked
    assert status_of(hub, one)[0] is Status.HEALTHY
    assert status_of(hub, other)[0] is Status.UNKNOWN


def test_one_that_rests_after_a_rejected_credential_still_reads_unhealthy_an_hour_later(hub, provider):
    provider.status = 401
    (one,) = register(hub, provider.url, 1)
    for _ in range(61):
        hub.sweep.sweep_health()
        hub.wait(60)
    assert status_of(hub, one) == (Status.UNHEALTHY, Reason.CREDENTIAL_REJECTED)
    assert provider.asked == 3  # at once, after 15 and after 45 minutes


def alerts(hub: InMemoryHub) -> list[tuple[EventType, Severity]]:
    return [(event.type, event.severity) for event in hub.events() if event.severity is not Severity.INFO]


def test_a_dead_egress_is_one_incident_and_nobody_is_unhealthy(hub_with, provider, canary):
    # Given five that are well, and a canary that answers
    hub = hub_with(canary.url)
    made = register(hub, provider.url, 5)
    hub.sweep.sweep_health()
    # When neither can be reached, for longer than makes anybody unhealthy
    provider.stop()
    canary.stop()
    for _ in range(4):
        hub.wait(301)
        hub.sweep.sweep_health()
    # Then it is us
    assert {status_of(hub, one) for one in made} == {(Status.UNKNOWN, Reason.EGRESS_DOWN)}
    assert alerts(hub) == [(EventType.INCIDENT_OPENED, Severity.ALERT)]


def test_a_dead_egress_that_takes_the_secret_backend_along_is_still_one_incident(hub_with, provider, canary):
    # Given five that are well
    hub = hub_with(canary.url)
    made = register(hub, provider.url, 5)
    hub.sweep.sweep_health()
    # When nothing beyond our own network can be reached, the secrets neither
    provider.stop()
    canary.stop()
    hub.vault.away = True
    for _ in range(2):
        hub.wait(301)
        hub.sweep.sweep_health()
    # Then one cause explains all of it
    assert {status_of(hub, one) for one in made} == {(Status.UNKNOWN, Reason.EGRESS_DOWN)}
    assert alerts(hub) == [(EventType.INCIDENT_OPENED, Severity.ALERT)]


def test_while_the_canary_answers_a_dead_secret_backend_is_the_backend_s_fault(hub_with, provider, canary):
    hub = hub_with(canary.url)
    (one,) = register(hub, provider.url, 1)
    hub.vault.away = True
    hub.sweep.sweep_health()
    assert status_of(hub, one) == (Status.UNKNOWN, Reason.SECRET_UNAVAILABLE)
    assert canary.asked == 1


def test_the_incident_ends_when_the_canary_answers_again(hub_with, provider):
    # Given a canary that is away, as the provider is
    away = Provider()
    away.stop()
    hub = hub_with(away.url)
    (one,) = register(hub, away.url, 1)
    hub.sweep.sweep_health()
    assert alerts(hub) == [(EventType.INCIDENT_OPENED, Severity.ALERT)]
    # When it is back
    returned = ThreadingHTTPServer(("127.0.0.1", int(away.url.rpartition(":")[2])), _Ok)
    threading.Thread(target=returned.serve_forever, args=(0.05,), daemon=True).start()
    hub.wait(10)
    hub.sweep.sweep_health()
    hub.wait(61)
    hub.sweep.sweep_health()
    returned.shutdown()
    returned.server_close()
    # Then that is told, and the check came forward
    assert alerts(hub) == [(EventType.INCIDENT_CLOSED, Severity.RECOVERY)]
    assert status_of(hub, one)[0] is Status.HEALTHY


class _Ok(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_while_the_canary_answers_a_dead_provider_is_the_providers_fault(hub_with, provider, canary):
    hub = hub_with(canary.url)
    (one,) = register(hub, provider.url, 1)
    provider.stop()
    for _ in range(3):
        hub.sweep.sweep_health()
        hub.wait(301)
    assert status_of(hub, one) == (Status.UNHEALTHY, Reason.CONNECT_ERROR)
    assert canary.asked > 0


def test_a_canary_that_the_guard_refuses_blames_nobody(hub_with, provider):
    hub = hub_with("http://10.0.0.1:9")
    (one,) = register(hub, provider.url, 1)
    provider.stop()
    hub.sweep.sweep_health()
    assert status_of(hub, one) == (Status.DEGRADED, Reason.CONNECT_ERROR)
