"""What a tenant may do in a minute, and how many integrations it may have."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.hub import Answer, Client, Hub, draft, outside_folder, running_hub

PER_MINUTE = 3


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """Run a hub with small limits."""
    limits = {"ON_DEMAND_PER_MINUTE": str(PER_MINUTE), "INTEGRATIONS_PER_TENANT": "2"}
    with outside_folder() as folder, running_hub(folder, **limits) as running:
        yield running


def test_one_check_too_many_is_told_when_to_come_back(me: Client) -> None:
    # Given
    one = me.register()
    # When: a minute may end on the way, so up to twice as many
    answers = until_refused(lambda: me.call("POST", f"/{one['id']}/health-check"))
    # Then
    refused = answers[-1]
    assert (refused.status, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["ratelimit-limit"] == str(PER_MINUTE)
    assert refused.headers["ratelimit-remaining"] == "0"
    assert 1 <= int(refused.headers["retry-after"]) == int(refused.headers["ratelimit-reset"]) <= 60
    assert {answer.status for answer in answers[:-1]} == {200}
    assert len(answers) > PER_MINUTE


def test_tests_and_checks_share_the_allowance_and_tenants_do_not(me: Client) -> None:
    # Given
    one = me.register()
    until_refused(lambda: me.call("POST", "/test", json=draft()))
    # When
    mine = me.call("POST", f"/{one['id']}/health-check")
    others = me.hub.client("unhurried").call("POST", "/test", json=draft())
    # Then
    assert mine.status in {429, 200}  # 200 when a minute ended in between
    assert others.status == 200


def test_reading_is_not_limited(me: Client) -> None:
    until_refused(lambda: me.call("POST", "/test", json=draft()))
    assert {me.call("GET").status for _ in range(3 * PER_MINUTE)} == {200}


def test_a_tenant_has_as_many_integrations_as_it_may(me: Client) -> None:
    # Given
    first = me.register("one")
    me.register("two")
    # When
    refused = me.call("POST", json=draft("three"))
    me.call("DELETE", f"/{first['id']}")
    accepted = me.call("POST", json=draft("three"))
    restored = me.call("POST", f"/{first['id']}/restore")
    # Then
    assert (refused.status, refused.json()["code"]) == (409, "conflict")
    assert (accepted.status, restored.status) == (201, 409)


def test_the_limit_holds_for_many_at_once(me: Client) -> None:
    # Given a deleted one, to be restored at the same time
    gone = me.register("gone")
    me.call("DELETE", f"/{gone['id']}")
    # When
    with ThreadPoolExecutor(20) as pool:
        made = [pool.submit(me.call, "POST", json=draft(f"{n}"), headers=keyed(n)) for n in range(20)]
        restored = pool.submit(me.call, "POST", f"/{gone['id']}/restore")
        statuses = [one.result().status for one in (*made, restored)]
    # Then
    assert set(statuses) <= {200, 201, 409}
    assert len(me.call("GET").json()["items"]) == 2


def keyed(n: int) -> dict[str, str]:
    """Return an Idempotency-Key for every other one."""
    return {"Idempotency-Key": f"key-{n}"} if n % 2 else {}


def until_refused(ask) -> list[Answer]:
    answers: list[Answer] = []
    while len(answers) <= 2 * PER_MINUTE and (not answers or answers[-1].status != 429):
        answers.append(ask())
    return answers
