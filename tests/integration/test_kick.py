"""Whoever commits events kicks delivery: after the commit, and only then."""

from __future__ import annotations

from uuid import uuid4

import pytest

from integrations_hub import bootstrap
from tests.support.hub import Client, draft


def kicked() -> bool:
    return bootstrap.local_kick().wait(0)


@pytest.fixture
def calm(me: Client) -> Client:
    kicked()
    return me


def test_a_change_kicks_and_what_it_told_is_there(calm):
    calm.register("a")
    assert kicked()
    assert calm.hub.rows("SELECT 1 FROM hub.outbox WHERE routed_at IS NULL")


def test_a_check_on_demand_kicks(calm):
    one = calm.register("a")
    kicked()
    assert calm.call("POST", f"/{one['id']}/health-check").status == 200
    assert kicked()


def test_what_tells_nothing_kicks_nobody(calm):
    calm.register("a")
    kicked()
    calm.call("GET")
    calm.call("POST", json=draft("a"))  # the name is taken
    calm.call("POST", json={"type": "none"})
    calm.call("DELETE", f"/{uuid4()}")
    calm.call("PUT", "/settings", json={})
    assert not kicked()
