"""Refresh tokens of the development Authority: rotation, reuse, revocation, restart."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.sign_in import BOTH, CLIENT, SCOPES, Ide, claims, running_authority


@pytest.fixture
def ide(tmp_path: Path) -> Iterator[Ide]:
    with running_authority(tmp_path) as program:
        yield program


def test_each_token_is_good_once_and_brings_the_next(ide: Ide) -> None:
    first = ide.signed_in(person="bob")
    ide.now[0] += 800
    status, second = ide.refresh(first["refresh_token"])
    assert (status, second["scope"]) == (200, SCOPES)
    assert second["refresh_token"] != first["refresh_token"]
    before, after = claims(first["access_token"]), claims(second["access_token"])
    same = ("sub", "aud", "client_id", "stellaops:tenant", "auth_time", "scope")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert (after["aud"], after["exp"] - before["exp"]) == (BOTH.split(), 800)


def test_an_old_token_ends_the_whole_sign_in(ide: Ide) -> None:
    first = ide.signed_in()["refresh_token"]
    second = ide.refresh(first)[1]["refresh_token"]
    third = ide.refresh(second)[1]["refresh_token"]
    other = ide.signed_in()["refresh_token"]
    # When a thief tries what he found
    status, refused = ide.refresh(first)
    # Then
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert ide.refresh(third)[1]["error"] == "invalid_grant"
    assert ide.refresh(other)[0] == 200


def test_of_two_at_once_one_wins_and_the_sign_in_ends(ide: Ide) -> None:
    token = ide.signed_in()["refresh_token"]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: ide.refresh(token), range(4)))
    won = [body["refresh_token"] for status, body in answers if status == 200]
    assert len(won) == 1
    assert ide.refresh(won[0])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "token", ["", ".", "guessed", "guessed.secret", "a.b.c", "\ud800".encode("utf-8", "replace").decode()]
)
def test_a_guess_is_refused(ide: Ide, token: str) -> None:
    assert ide.refresh(token)[1]["error"] == "invalid_grant"


def test_another_client_cannot_use_it_nor_end_it(ide: Ide) -> None:
    token = ide.signed_in()["refresh_token"]
    assert ide.refresh(token, client_id="jetbrains-stella-ops")[1]["error"] == "invalid_grant"
    assert ide.post("/oauth/revoke", client_id="jetbrains-stella-ops", token=token)[1]["error"] == "invalid_grant"
    assert ide.refresh(token)[0] == 200


def test_less_can_be_asked_for_and_never_more(ide: Ide) -> None:
    given = ide.signed_in(person="carol")["refresh_token"]
    status, refused = ide.refresh(given, scope="release:read promotion:approve")
    assert (status, refused["error"]) == (400, "invalid_scope")
    status, narrowed = ide.refresh(given, scope="release:read")  # the refusal used nothing up
    assert (status, narrowed["scope"]) == (200, "release:read")
    assert ide.refresh(narrowed["refresh_token"])[1]["scope"].split()[0] == "offline_access"


def test_another_tenant_needs_the_persons_consent(ide: Ide) -> None:
    token = ide.signed_in()["refresh_token"]
    status, refused = ide.refresh(token, tenant="zeta")
    assert (status, refused["error"]) == (400, "invalid_request")
    assert "acme" in refused["error_description"]
    assert ide.refresh(token, tenant="acme")[0] == 200


def test_a_sign_in_ends_after_thirty_days(ide: Ide) -> None:
    token = ide.signed_in()["refresh_token"]
    ide.now[0] += 29 * 86400
    token = ide.refresh(token)[1]["refresh_token"]
    ide.now[0] += 86400
    assert ide.refresh(token)[1]["error"] == "invalid_grant"


def test_revocation(ide: Ide) -> None:
    signed_in = ide.signed_in()
    token = signed_in["refresh_token"]
    assert ide.post("/oauth/revoke", client_id=CLIENT, token=token, token_type_hint="refresh_token") == (200, {})
    assert ide.refresh(token)[1]["error"] == "invalid_grant"
    assert ide.post("/oauth/revoke", client_id=CLIENT, token=token) == (200, {})  # RFC 7009 §2.2
    assert ide.post("/oauth/revoke", client_id=CLIENT, token="guessed") == (200, {})
    assert ide.post("/oauth/revoke", client_id="nobody", token=token)[0] == 401
    access = ide.post("/oauth/revoke", client_id=CLIENT, token=signed_in["access_token"])
    assert (access[0], access[1]["error"]) == (400, "unsupported_token_type")


def test_a_sign_in_outlives_a_restart_and_the_file_signs_nobody_in(tmp_path: Path) -> None:
    with running_authority(tmp_path) as ide:
        used = ide.signed_in()["refresh_token"]
        token = ide.refresh(used)[1]["refresh_token"]
    kept = tmp_path / "sign-ins.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert token.split(".")[1] not in kept.read_text()
    with running_authority(tmp_path) as again:
        assert again.refresh(token)[0] == 200
        assert again.refresh(used)[1]["error"] == "invalid_grant"
    with running_authority(tmp_path) as last:
        assert last.refresh(token)[1]["error"] == "invalid_grant"
