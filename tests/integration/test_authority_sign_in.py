"""Signing in at the development Authority with a code and PKCE, and what an attacker makes of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser
from tests.support.sign_in import BOTH, CLIENT, REDIRECT, SCOPES, Ide, challenge_of, claims, running_authority


@pytest.fixture
def ide(tmp_path: Path) -> Iterator[Ide]:
    with running_authority(tmp_path) as program:
        yield program


def test_the_discovery_offers_what_is_there(ide: Ide) -> None:
    found = json.loads(ide.browser.get("/.well-known/openid-configuration").text)
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_endpoint"] == ide.url + "/oauth/authorize"
    assert found["device_authorization_endpoint"] == ide.url + "/oauth/device_authorization"
    assert found["revocation_endpoint"] == ide.url + "/oauth/revoke"
    assert "refresh_token" in found["grant_types_supported"]


def test_a_person_signs_in(ide: Ide) -> None:
    # When
    page = ide.question()
    told = ide.browser.decide(page, person="bob").sent_back()
    status, answer = ide.redeem(told["code"])
    # Then
    assert (told["state"], told["iss"]) == ("the-state", ide.url)
    assert (status, answer["scope"]) == (200, SCOPES)
    token = claims(answer["access_token"])
    assert (token["sub"], token["client_id"], token["stellaops:tenant"]) == ("bob", "vscode-stella-ops", "acme")
    assert token["aud"] == BOTH.split()
    assert (token["auth_time"], token["exp"] - token["iat"]) == (int(ide.now[0]), 900)
    assert answer["refresh_token"]


def test_the_page_shows_who_asks_for_what_and_every_field_has_its_label(ide: Ide) -> None:
    page = ide.question()
    for shown in (
        "Allow Stella Ops for VS Code?",
        "<strong>acme</strong>",
        "Approve or reject a promotion",
        '<html lang="en">',
    ):
        assert shown in page.text
    boxes = {f"scope-{n}" for n in range(1, 8)}
    assert boxes | {f"person-{name}" for name in ("alice", "bob", "carol", "dave")} == page.labels.keys()
    assert all(page.labels.values())


def test_a_page_runs_no_script_and_stays_out_of_frames(ide: Ide) -> None:
    page = ide.question()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:49152;" in policy
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-store")
    assert {"HttpOnly", "SameSite=Lax"} <= set(page.headers["Set-Cookie"].split("; "))
    assert ide.browser.get("/oauth/style.css").headers["Content-Type"].startswith("text/css")


def test_what_is_asked_for_is_shown_as_text(ide: Ide) -> None:
    page = ide.question(redirect_uri="http://127.0.0.1:1/callback", client_id="<script>alert(1)</script>")
    assert page.status == 400
    assert "<script>" not in page.text


def test_a_refused_scope_is_dropped_and_told(ide: Ide) -> None:
    told = ide.browser.decide(ide.question(), without=("promotion:approve", "offline_access")).sent_back()
    answer = ide.redeem(told["code"])[1]
    assert set(answer["scope"].split()) == set(SCOPES.split()) - {"promotion:approve", "offline_access"}
    assert claims(answer["access_token"])["scope"] == answer["scope"]
    assert "refresh_token" not in answer


def test_scopes_that_are_unknown_or_not_the_clients_are_dropped(ide: Ide) -> None:
    page = ide.question(scope="release:read integration:admin fly")
    assert [value for name, value in page.fields if name == "scope"] == ["release:read"]


def test_a_box_that_was_not_asked_for_gives_nothing(ide: Ide) -> None:
    page = ide.question(scope="release:read")
    page.fields.append(("scope", "promotion:approve"))
    assert ide.redeem(ide.browser.decide(page).sent_back()["code"])[1]["scope"] == "release:read"


def test_a_person_gives_no_more_than_is_theirs(ide: Ide) -> None:
    assert ide.signed_in(person="carol")["scope"] == "offline_access release:read promotion:read integration:read"


@pytest.mark.parametrize("decision", ["refuse", ""])
def test_a_refusal_is_told_to_the_program(ide: Ide, decision: str) -> None:
    told = ide.browser.decide(ide.question(), decision).sent_back()
    assert (told["error"], told["state"]) == ("access_denied", "the-state")


def test_nothing_ticked_is_a_refusal(ide: Ide) -> None:
    assert ide.browser.decide(ide.question(), without=tuple(SCOPES.split())).sent_back()["error"] == "access_denied"


def test_the_person_names_the_tenant_where_the_program_does_not(ide: Ide) -> None:
    # Given a tenant that cannot be
    page = ide.browser.decide(ide.question(tenant=""), tenant="../acme")
    assert (page.status, page.alert) == (400, "Name a tenant this client may act for.")
    # When
    told = ide.browser.decide(page, tenant="zeta").sent_back()
    # Then
    assert claims(ide.redeem(told["code"])[1]["access_token"])["stellaops:tenant"] == "zeta"


def test_nobody_is_nobody(ide: Ide) -> None:
    assert ide.browser.decide(ide.question(), person="mallory").alert == "Choose who you are."


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "http://[::1]:8123/callback",
        "vscode://stella-ops.vscode-stella-ops/callback",
    ],
)
def test_where_answers_may_go(ide: Ide, uri: str) -> None:
    answered = ide.browser.decide(ide.question(redirect_uri=uri))
    assert answered.headers["Location"].startswith(uri + "?code=")
    assert ide.redeem(answered.sent_back()["code"], redirect_uri=uri)[0] == 200


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://evil.example:127/callback#http://127.0.0.1/callback",
        "http://127.0.0.1:49152/callback/../elsewhere",
        "http://127.0.0.1:49152/callback?next=https://evil.example",
        "http://127.0.0.1:49152/callback#",
        "http://127.0.0.1:49152/Callback",
        "http://127.0.0.1:049152/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:٤٩/callback",
        "http://localhost:49152/callback",
        "https://127.0.0.1:49152/callback",
        "HTTP://127.0.0.1:49152/callback",
        "vscode://stella-ops.vscode-stella-ops/callback/",
        "vscode://someone-else.extension/callback",
        "vscode://stella-ops.vscode-stella-ops:1/callback",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(ide: Ide, uri: str) -> None:
    for asked in (ide.question(redirect_uri=uri), ide.question(redirect_uri=uri, response_type="token")):
        assert (asked.status, asked.headers["Location"]) == (400, None)
        assert "not registered for vscode-stella-ops" in asked.text


def test_a_client_that_signs_nobody_in_has_nowhere_to_return_to(ide: Ide) -> None:
    assert ide.question(client_id="hub-dev").status == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none"}, "interaction_required"),
        ({"scope": "fly"}, "invalid_scope"),
        ({"audience": "elsewhere"}, "invalid_target"),
        ({"tenant": "../acme"}, "invalid_request"),
        # PKCE cannot be left out or weakened
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_told_to_the_program(ide: Ide, changed: dict[str, str], error: str) -> None:
    told = ide.question(**changed).sent_back()
    assert (told["error"], told["state"], told["iss"]) == (error, "the-state", ide.url)
    assert told["error_description"]
    assert "code" not in told


def test_a_parameter_given_twice_is_refused_on_the_page(ide: Ide) -> None:
    page = ide.browser.get(f"/oauth/authorize?client_id=vscode-stella-ops&redirect_uri={REDIRECT}&client_id=other")
    assert (page.status, page.headers["Location"]) == (400, None)


def test_a_code_is_good_once_and_its_replay_ends_the_sign_in(ide: Ide) -> None:
    code = ide.code()
    first = ide.redeem(code)[1]
    status, again = ide.redeem(code)
    assert (status, again["error"]) == (400, "invalid_grant")
    assert ide.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"


def test_a_code_is_good_for_a_minute(ide: Ide) -> None:
    code = ide.code()
    ide.now[0] += 60
    assert ide.redeem(code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": ""},
        {"code_verifier": "x" * 43},
        {"code_verifier": "x" * 42},
        {"code_verifier": "é" * 43},
        {"redirect_uri": "http://127.0.0.1:49153/callback"},
        {"redirect_uri": ""},
        {"client_id": "jetbrains-stella-ops"},
    ],
    ids=str,
)
def test_a_stolen_code_is_worth_nothing_and_is_used_up(ide: Ide, changed: dict[str, str]) -> None:
    code = ide.code()
    status, answer = ide.redeem(code, **changed)
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert ide.redeem(code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("code", ["guessed", ""])
def test_a_guessed_code_is_refused(ide: Ide, code: str) -> None:
    assert ide.redeem(code)[1]["error"] == "invalid_grant"


def test_the_challenge_itself_is_no_verifier(ide: Ide) -> None:
    """Downgrade: the method `plain` would accept it."""
    assert ide.redeem(ide.code(), code_verifier=challenge_of(ide.verifier))[1]["error"] == "invalid_grant"


def test_a_public_client_gets_nothing_without_a_person(ide: Ide) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "tenant": "acme"}
    assert ide.post("/oauth/token", **form)[1]["error"] == "unauthorized_client"
    assert ide.post("/oauth/token", **form, client_secret="guessed")[1]["error"] == "invalid_client"


def test_a_consent_cannot_be_forged_from_another_page(ide: Ide) -> None:
    page = ide.question()
    form = [*page.fields, ("decision", "allow")]
    # another site's page, which browsers mark
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        assert ide.browser.post("/oauth/consent", form, Origin=origin).status == 403
    # a browser that was not asked: an attacker who opened the page himself and has the victim post it
    assert Browser(ide.url).post("/oauth/consent", form).status == 403
    stranger = Browser(ide.url)
    stranger.cookies = {"authority_browser": "guessed"}
    assert stranger.post("/oauth/consent", form).status == 403
    # a page that was not shown
    assert (
        ide.browser.post("/oauth/consent", [("decision", "allow"), ("ticket", "guessed"), ("person", "bob")]).status
        == 403
    )
    # the person's own answer still counts, once
    assert ide.browser.decide(page).status == 303
    assert ide.browser.decide(page).status == 403


def test_a_question_is_open_for_ten_minutes(ide: Ide) -> None:
    page = ide.question()
    ide.now[0] += 600
    assert ide.browser.decide(page).status == 403


def test_two_questions_in_one_browser_do_not_disturb_each_other(ide: Ide) -> None:
    first, second = ide.question(state="one"), ide.question(state="two")
    assert ide.browser.decide(first).sent_back()["state"] == "one"
    assert ide.browser.decide(second).sent_back()["state"] == "two"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[bad", "evil.example:80@127.0.0.1"])
@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/device", "/.well-known/jwks.json"])
def test_another_name_for_this_machine_is_refused(ide: Ide, host: str, path: str) -> None:
    """DNS rebinding: a page of evil.example whose name now leads to 127.0.0.1 may read what its own site answers."""
    assert ide.browser.get(path, Host=host).status in {400, 421}


def test_a_form_has_a_limit(ide: Ide) -> None:
    assert ide.post("/oauth/token", grant_type="x" * 70_000)[0] == 413
