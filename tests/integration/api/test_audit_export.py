"""The exported audit trail verifies offline, with nothing of the hub's: SHA-256 over RFC 8785, link by link."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.support.hub import API, Client, draft

NDJSON = {"Accept": "application/x-ndjson"}
HASHED = ("tenantId", "seq", "timestamp", "actor", "action", "integrationId", "details")


def canonical(value: Any) -> str:
    """Write JSON as RFC 8785 does. Numbers are integers here: a trail with another would need §3.2.2.3."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))  # §3.2.3
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    assert not isinstance(value, float)
    return json.dumps(value, ensure_ascii=False)


def verified(links: Sequence[dict[str, Any]]) -> str:
    """Follow the chain from its beginning and return the hash it ends with.

    Raises:
        AssertionError: a link is missing, changed, or in the wrong place.
    """
    previous = "00" * 32
    for seq, link in enumerate(links, start=1):
        assert (link["seq"], link["prevHash"]) == (seq, previous)
        text = canonical({name: link[name] for name in HASHED})
        previous = sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
        assert link["hash"] == previous
    return previous


def exported(client: Client, page_size: int = 500) -> Iterator[dict[str, Any]]:
    """Follow `Link` from page to page."""
    query = f"?page_size={page_size}"
    while query:
        answer = client.call("GET", f"/audit{query}", headers=NDJSON)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/x-ndjson")
        yield from map(json.loads, answer.body.splitlines())
        link = answer.headers.get("link", "")
        query = link[1 : link.index(">")] if link else ""
        assert not link or link.endswith('>; rel="next"')
        assert not query or parse_qs(query[1:])["page_size"] == [str(page_size)]


@pytest.fixture
def busy(me: Client) -> Client:
    """Do everything that is written down, with names that canonical JSON has rules for."""
    for name in ("plain", '\u20ac "quoted" \\ / \u00e9', "e\u0301 decomposed", "\U0001f600 beyond the plane"):
        one = me.register(name, tags=["\ufb33", "z"])
        me.call("PUT", f"/{one['id']}", json=draft(f"{name} 2", checkIntervalSeconds=600, paused=True))
        me.call("DELETE", f"/{one['id']}")
        me.call("POST", f"/{one['id']}/restore")
    me.call("POST", "/test", json=draft())
    return me


@pytest.mark.parametrize("page_size", [500, 7, 1])
def test_all_pages_together_verify_and_end_at_the_head(busy: Client, page_size: int) -> None:
    # When
    links = list(exported(busy, page_size))
    # Then
    head = busy.call("GET", "/summary").json()["auditHead"]
    assert len(links) == 17
    assert head == {"seq": 17, "hash": verified(links)}


def test_json_and_ndjson_say_the_same(busy: Client) -> None:
    assert busy.call("GET", "/audit").json()["items"] == list(exported(busy))


def test_one_integrations_trail_is_part_of_it(busy: Client) -> None:
    # Given
    links = list(exported(busy))
    id_ = links[0]["integrationId"]
    # When
    own = busy.call("GET", f"/{id_}/audit").json()["items"]
    # Then
    assert own == [link for link in links if link["integrationId"] == id_]
    assert len(own) == 4


@pytest.mark.parametrize("change", [{"actor": "somebody else"}, {"details": {}}, {"timestamp": "2020-01-01T00:00:00Z"}])
def test_a_changed_link_is_noticed(busy: Client, change: dict[str, Any]) -> None:
    links = list(exported(busy))
    links[3] |= change
    with pytest.raises(AssertionError):
        verified(links)


def test_a_missing_link_is_noticed(busy: Client) -> None:
    links = list(exported(busy))
    with pytest.raises(AssertionError):
        verified(links[:3] + links[4:])


def test_refused_changes_leave_no_trace(me: Client) -> None:
    me.register("one")
    me.call("POST", json=draft("one"))
    me.call("POST", json=draft("", config={}))
    assert [link["action"] for link in exported(me)] == ["integration.created"]


def test_the_next_page_is_where_link_says(busy: Client) -> None:
    answer = busy.hub.call("GET", f"{API}/audit?page_size=2", token=busy.token)
    token = answer.json()["nextPageToken"]
    assert answer.headers["link"] == f'<?page_size=2&page_token={token}>; rel="next"'
