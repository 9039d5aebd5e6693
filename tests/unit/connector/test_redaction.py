"""A secret does not show, in whichever form a provider sends it back."""

import copy
import json
import pickle
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.connector.redaction import Secret, excerpt, redact

CANARY = 'not/a+real "secret"-ü1'


@pytest.mark.parametrize(
    "render",
    [
        repr,
        str,
        format,
        lambda secret: f"{secret:>20}",
        lambda secret: repr(copy.copy(secret)),
        lambda secret: str(pickle.loads(pickle.dumps(secret)).reveal()),
    ],
)
def test_a_secret_says_three_stars_in_every_rendering(render):
    assert CANARY not in render(Secret(CANARY))


@pytest.mark.parametrize(
    "shown",
    [
        CANARY,
        b64encode(CANARY.encode()).decode(),
        b64encode(f"robot$x:{CANARY}".encode()).decode(),
        quote(CANARY, safe=""),
        json.dumps(CANARY),
        json.dumps(CANARY, ensure_ascii=False),
    ],
)
def test_every_common_form_of_a_secret_is_redacted(shown):
    clean = redact(f"<<{shown}>>", [CANARY, f"robot$x:{CANARY}"])

    assert "***" in clean
    assert "not" not in clean
    assert shown not in clean


def test_a_strangers_authorization_value_is_redacted_and_ordinary_words_are_not():
    assert redact("Basic bm90LWEtcmVhbC1zZWNyZXQ= refused", []) == "Basic *** refused"
    assert redact("bearer authentication required", []) == "bearer authentication required"


@given(st.text(min_size=4), st.text(), st.text())
def test_an_excerpt_is_one_short_line_without_the_secret(secret, before, after):
    shown = excerpt(f"{before}{secret}{after}", [secret])

    assert len(shown) <= 512
    assert not any(character in shown for character in "\n\r\t\x00\x1b\u2028\u202e")
    assert secret not in shown or secret in "***" or secret.strip("*") == ""


def test_a_secret_at_the_edge_of_an_excerpt_is_not_cut_in_half():
    shown = excerpt("x" * 500 + "not-a-real-secret-1" * 3, ["not-a-real-secret-1"])

    assert "not-a" not in shown
