"""Repeating a registration: the same key is the same registration, however often and however much at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.support.hub import Client, draft


def test_twenty_at_once_make_one_integration_and_get_one_answer(me: Client) -> None:
    # When
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: create(me, "one", "key-1"), range(20)))
    # Then
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert len({(answer.headers["location"], answer.headers["etag"]) for answer in answers}) == 1
    assert len(me.call("GET").json()["items"]) == 1
    assert len(me.call("GET", "/audit").json()["items"]) == 1
    id_ = answers[0].json()["id"]
    assert len(me.hub.rows("SELECT 1 FROM hub.outbox WHERE integration_id = %s", id_)) == 1


def test_the_first_answer_is_given_even_when_it_has_changed_since(me: Client) -> None:
    # Given
    first = create(me, "one", "key-1")
    me.call("PUT", f"/{first.json()['id']}", json=draft("renamed"))
    # When
    again = create(me, "one", "key-1")
    # Then
    assert (again.status, again.body) == (201, first.body)


def test_another_body_under_the_same_key_is_refused(me: Client) -> None:
    create(me, "one", "key-1")
    refused = create(me, "two", "key-1")
    assert (refused.status, refused.json()["code"]) == (422, "invalid")
    assert [item["name"] for item in me.call("GET").json()["items"]] == ["one"]


def test_a_refused_request_keeps_no_key(me: Client) -> None:
    # Given
    me.register("taken")
    refused = create(me, "taken", "key-1")
    # When
    me.call("DELETE", f"/{me.call('GET').json()['items'][0]['id']}")
    accepted = create(me, "taken", "key-1")
    # Then
    assert (refused.status, accepted.status) == (409, 201)


def test_another_tenants_key_is_another_key(me: Client) -> None:
    first = create(me, "one", "shared-key")
    other = create(me.hub.client("key-neighbour"), "one", "shared-key")
    assert (first.status, other.status) == (201, 201)
    assert first.json()["id"] != other.json()["id"]


def test_a_key_that_is_no_key_is_refused(me: Client) -> None:
    for key in ("", "with space", "x" * 256):
        answer = create(me, "one", key)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def create(client: Client, name: str, key: str):
    return client.call("POST", json=draft(name), headers={"Idempotency-Key": key})
