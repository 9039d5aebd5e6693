"""A part is away: 503 with a time to come back at, and everything works again when it is back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from integrations_hub.web.routing import NoBody, Route
from tests.support.hub import API, Answer, Hub, draft, outside_folder, running_hub


@pytest.fixture(scope="module")
def own_hub() -> Iterator[Hub]:
    """Run a hub whose database may be stopped."""
    with outside_folder() as folder, running_hub(folder) as running:
        yield running


BODIES = {  # of those that take no draft
    "set_up_webhook": {"webhookSecretRef": "authref://file/hook"},
    "update_settings": {"requireTestReceipt": False},
    "replay_dead_letters": {"destination": "log"},
}


def test_without_its_database_every_guarded_endpoint_says_when_to_come_back(own_hub: Hub) -> None:
    # Given
    one = own_hub.client().register("before the outage")
    with database_stopped(own_hub):
        for route in own_hub.routes:
            # When
            answer = send(own_hub, route, one["id"])
            # Then
            if route.name in {"get_openapi", "get_liveness", "list_secret_backends"}:  # they ask no database
                assert answer.status == 200
            else:
                away(answer, route.name)
    # Then
    assert own_hub.client().call("GET", f"/{one['id']}").json() == one


def test_it_is_ready_again_when_its_database_is(own_hub: Hub) -> None:
    # Given
    assert own_hub.call("GET", "/readyz").status == 200
    # When
    with database_stopped(own_hub):
        assert own_hub.call("GET", "/readyz").status == 503
        assert own_hub.call("GET", "/healthz").json() == {"status": "alive"}
    # Then
    assert own_hub.call("GET", "/readyz").json() == {"status": "ready"}


def test_a_restart_between_two_requests_is_not_noticed(own_hub: Hub) -> None:
    # Given: connections that are kept
    me = own_hub.client("restarted")
    one = me.register("kept")
    # When
    with database_stopped(own_hub):
        pass
    written = me.call("POST", json=draft("written on a dead connection"))
    with database_stopped(own_hub):
        pass
    read = me.call("GET", f"/{one['id']}")
    # Then
    assert (written.status, read.status) == (201, 200)
    assert len(me.call("GET").json()["items"]) == 2


def test_a_registration_during_an_outage_is_made_once_by_repeating_it(own_hub: Hub) -> None:
    # Given
    me, key = own_hub.client("patient"), {"Idempotency-Key": "key-1"}
    with database_stopped(own_hub):
        away(me.call("POST", json=draft(), headers=key), "create_integration")
    # When
    answers = [me.call("POST", json=draft(), headers=key) for _ in range(2)]
    # Then
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert len(me.call("GET").json()["items"]) == 1


def test_without_the_authoritys_keys_no_token_is_believed_and_none_is_called_wrong() -> None:
    with outside_folder() as folder, running_hub(folder, JWKS_URL=f"http://127.0.0.1:{closed_port()}/keys") as hub:
        for path in ("", "/summary"):
            answer = hub.call("GET", API + path, token=hub.token())
            away(answer, path)
            assert "Authority" in answer.json()["detail"]
        assert hub.call("GET", API).status == 401
        assert hub.call("GET", "/readyz").status == 200


def send(hub: Hub, route: Route, id_: str) -> Answer:
    path = route.path.replace("{integration_id}", id_).replace("{type}", "in-memory")
    query = "?kind=repositories" if route.name == "list_resources" else ""
    body = None if route.body is NoBody else BODIES.get(route.name, draft("during"))
    return hub.call(route.method, path + query, token=hub.token(), json=body)


def away(answer: Answer, what: str) -> None:
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json"), what
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["detail"].endswith(".")
    assert "psycopg" not in answer.body.decode()
    assert "/" not in answer.json()["detail"]  # no path of a socket


@contextmanager
def database_stopped(hub: Hub) -> Iterator[None]:
    hub.postgres.stop()
    try:
        yield
    finally:
        hub.postgres.start()


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
