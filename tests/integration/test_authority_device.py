"""Signing in without a browser of one's own: the device flow of the development Authority (RFC 8628)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.sign_in import BOTH, CLIENT, SCOPES, Ide, claims, running_authority

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def ide(tmp_path: Path) -> Iterator[Ide]:
    with running_authority(tmp_path) as program:
        yield program


def begin(ide: Ide, **changed: str) -> dict[str, Any]:
    usual = {"client_id": CLIENT, "scope": SCOPES, "audience": BOTH, "tenant": "acme"}
    status, answer = ide.post("/oauth/device_authorization", **{**usual, **changed})
    assert status == 200, answer
    return answer


def poll(ide: Ide, device: dict[str, Any], **changed: str) -> tuple[int, dict[str, Any]]:
    form = {"grant_type": DEVICE, "client_id": CLIENT, "device_code": device["device_code"], **changed}
    return ide.post("/oauth/token", **form)


def after(ide: Ide, seconds: float, device: dict[str, Any], **changed: str) -> str:
    ide.now[0] += seconds
    return str(poll(ide, device, **changed)[1].get("error", "given"))


def test_a_person_signs_a_program_in_from_elsewhere(ide: Ide) -> None:
    device = begin(ide)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", device["user_code"])
    assert (device["expires_in"], device["interval"]) == (600, 5)
    assert after(ide, 0, device) == "authorization_pending"
    # When
    assert "The code your program shows" in ide.browser.get("/oauth/device").text
    page = ide.browser.get(device["verification_uri_complete"].removeprefix(ide.url))
    assert device["user_code"] in page.text
    assert "is signed in" in ide.browser.decide(page, person="dave").text
    # Then
    ide.now[0] += 5
    status, answer = poll(ide, device)
    assert (status, answer["scope"]) == (200, SCOPES)
    token = claims(answer["access_token"])
    assert (token["sub"], token["stellaops:tenant"], token["aud"]) == ("dave", "acme", BOTH.split())
    assert ide.refresh(answer["refresh_token"])[0] == 200
    assert after(ide, 5, device) == "expired_token"


def test_a_code_is_entered_as_people_type(ide: Ide) -> None:
    device = begin(ide)
    typed = device["user_code"].lower().replace("-", "%20")
    assert device["user_code"] in ide.browser.get(f"/oauth/device?user_code={typed}").text


def test_who_asks_too_often_is_slowed_down(ide: Ide) -> None:
    device = begin(ide)
    waits = [(0, "authorization_pending"), (4, "slow_down"), (9, "slow_down"), (15, "authorization_pending")]
    assert [after(ide, seconds, device) for seconds, _ in waits] == [said for _, said in waits]


def test_a_refusal_is_told(ide: Ide) -> None:
    device = begin(ide)
    page = ide.browser.get(f"/oauth/device?user_code={device['user_code']}")
    assert "was refused" in ide.browser.decide(page, "refuse").text
    assert after(ide, 5, device) == "access_denied"
    assert after(ide, 5, device) == "expired_token"


def test_a_code_ends_after_ten_minutes(ide: Ide) -> None:
    device = begin(ide)
    assert after(ide, 600, device) == "expired_token"
    assert ide.browser.get(f"/oauth/device?user_code={device['user_code']}").status == 400


def test_another_client_gets_nothing(ide: Ide) -> None:
    device = begin(ide)
    assert after(ide, 5, device, client_id="jetbrains-stella-ops") == "invalid_grant"
    assert after(ide, 5, device) == "authorization_pending"


def test_a_decision_is_final(ide: Ide) -> None:
    device = begin(ide)
    pages = [ide.browser.get(f"/oauth/device?user_code={device['user_code']}") for _ in range(2)]
    ide.browser.decide(pages[0], "refuse")
    ide.browser.decide(pages[1])
    assert after(ide, 5, device) == "access_denied"
    assert ide.browser.get(f"/oauth/device?user_code={device['user_code']}").status == 400


def test_consent_for_a_device_cannot_be_forged_either(ide: Ide) -> None:
    device = begin(ide)
    page = ide.browser.get(f"/oauth/device?user_code={device['user_code']}")
    assert Browser(ide.url).decide(page).status == 403
    assert after(ide, 5, device) == "authorization_pending"


def test_guessing_is_slow(ide: Ide) -> None:
    device = begin(ide)
    answers = [ide.browser.get(f"/oauth/device?user_code=BBBB-BB{n:02}").status for n in range(21)]
    assert answers == [400] * 20 + [429]
    assert ide.browser.get(f"/oauth/device?user_code={device['user_code']}").status == 429
    ide.now[0] += 60
    assert ide.browser.get(f"/oauth/device?user_code={device['user_code']}").status == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "fly"}, "invalid_scope"),
        ({"audience": "elsewhere"}, "invalid_target"),
        ({"tenant": "../acme"}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
    ids=str,
)
def test_refusals(ide: Ide, changed: dict[str, str], error: str) -> None:
    usual = {"client_id": CLIENT, "scope": SCOPES, **changed}
    assert ide.post("/oauth/device_authorization", **usual)[1]["error"] == error


def test_a_client_with_a_secret_signs_nobody_in(tmp_path: Path) -> None:
    from local.authority import Client  # noqa: PLC0415

    with running_authority(tmp_path, clients=[Client("robot", "not-a-real-secret-1")]) as ide:
        form = {"client_id": "robot", "client_secret": "not-a-real-secret-1", "scope": "release:read"}
        assert ide.post("/oauth/device_authorization", **form)[1]["error"] == "unauthorized_client"
