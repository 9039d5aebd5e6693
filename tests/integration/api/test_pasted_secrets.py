"""A secret pasted where none belongs: refused, and found neither in the answer, nor in the log, nor in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.hub import Client, draft

RUN = "Zz09" * 8  # put together at run time: no line here has a real token's form
PASTED = {
    "a token": "gl" + "pat-" + RUN,
    "a cloud key": "AK" + "IA" + "ABCDEFGHIJKLMNOP",
    "a web token": "ey" + "J" + RUN + "." + RUN + "." + RUN,
    "a private key": "-----BEGIN PRIVATE" + " KEY-----\n" + RUN,
    "a URL with a password": f"https://robot:{RUN}@registry.example",
}
PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "a field": lambda secret: {"type": "harbor", "config": {"endpoint": secret}},
    "an unknown field": lambda secret: {"type": "harbor", "config": {"endpoint": "https://h.example", "token": secret}},
    "deep inside": lambda secret: {"config": {"script": [{"do": "healthy", "note": [{"x": secret}]}]}},
    "a field's name": lambda secret: {"config": {secret: 1}},
    "the type": lambda secret: {"type": secret},
    "the reference": lambda secret: {
        "type": "harbor",
        "config": {"endpoint": "https://h.example"},
        "authRefUri": secret,
    },
    "a member's name": lambda secret: {secret: 1},
    "an interval": lambda secret: {"checkIntervalSeconds": secret},
}


@pytest.mark.parametrize("secret", PASTED)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("path", ["", "/test"])
def test_it_is_refused_and_kept_nowhere(
    me: Client, capfd: pytest.CaptureFixture[str], place: str, secret: str, path: str
) -> None:
    # Given
    body: dict[str, Any] = {**draft(), **PLACES[place](PASTED[secret])}
    # When
    answer = me.call("POST", path, json=body, headers={"Idempotency-Key": "key-1"})
    # Then
    log = "".join(capfd.readouterr())
    assert answer.status == 422
    assert '"action": "' in log
    for text in (answer.body.decode(), repr(dict(answer.headers)), log):
        assert RUN not in text
        assert PASTED[secret] not in text
    assert me.call("GET").json()["items"] == []
    assert me.call("GET", "/audit").json()["items"] == []


@pytest.mark.parametrize("secret", PASTED)
def test_it_does_not_get_in_by_a_change_either(me: Client, secret: str) -> None:
    # Given
    one = me.register()
    # When
    body = draft() | {"config": {"script": [{"do": PASTED[secret]}]}}
    answer = me.call("PUT", f"/{one['id']}", json=body)
    # Then
    assert answer.status == 422
    assert RUN not in answer.body.decode()
    assert me.call("GET", f"/{one['id']}").json() == one
