"""A secret does not show, in whichever form a provider sends it back."""

import asyncio
import copy
import json
import logging
import pickle
import re
import shlex
from base64 import b64encode, urlsafe_b64encode
from io import StringIO
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.redaction import (
    Redactor,
    Secret,
    excerpt,
    redact,
    redact_current,
    redact_record,
    redacting,
)

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


TRICKY = "not-a 'real'/secret+\"1\"\n$HOME%ü"


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda text: b64encode(text.encode()).decode(),
        lambda text: b64encode(text.encode()).decode().rstrip("="),
        lambda text: urlsafe_b64encode(text.encode()).decode(),
        quote,
        lambda text: quote(text, safe=""),
        lambda text: re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe="")),
        quote_plus,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        repr,
        shlex.quote,
        lambda text: "'" + text.replace("'", "'\\''") + "'",
    ],
)
def test_a_redactor_knows_every_form_a_secret_comes_back_in(form):
    clean = Redactor([Secret(TRICKY)]).redact(f"<{form(TRICKY)}>")

    assert clean.strip("<>\"'=") == "***"


def test_a_redactor_knows_the_basic_form_of_two_secrets_of_the_call():
    basic = b64encode(b"robot$x:not-a-real-secret-1").decode()

    clean = Redactor([Secret("robot$x"), Secret("not-a-real-secret-1")]).redact(f"sent {basic}.")

    assert clean == "sent ***."


def test_overlapping_secrets_leave_no_piece_of_either():
    assert Redactor([Secret("abcdef"), Secret("efghij")]).redact("<abcdefghij>") == "<***>"


def test_short_values_and_no_secrets_leave_text_alone():
    assert Redactor([Secret("on"), Secret("")]).redact("on and on") == "on and on"
    assert redact_current("anything") == "anything"


@given(st.lists(st.text(min_size=4).filter(lambda text: "*" not in text), min_size=1, max_size=4), st.text())
def test_no_secret_of_the_call_is_left_in_a_text(secrets, between):
    clean = Redactor(map(Secret, secrets)).redact(between.join(secrets))

    assert not any(secret in clean for secret in secrets)


@pytest.fixture
def log():
    stream, logger = StringIO(), logging.getLogger("test.redaction")
    handler = logging.StreamHandler(stream)
    handler.addFilter(redact_record)
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)
    logger.propagate = True


def test_what_the_call_logs_is_rid_of_its_secrets_arguments_and_traceback_included(log):
    logger, stream = log

    with redacting(Credential({"token": Secret("not-a-real-secret-1")})):
        logger.warning("got %s", "not-a-real-secret-1")
        try:
            {}["not-a-real-secret-1"]
        except KeyError:
            logger.exception("broken")

    assert "not-a-real-secret-1" not in stream.getvalue()
    assert "got ***" in stream.getvalue()
    assert "KeyError: '***'" in stream.getvalue()


def test_calls_nest_and_end_and_do_not_see_each_other(log):
    logger, stream = log

    async def call(secret: str) -> str:
        with redacting(Credential({"token": Secret(secret)})):
            await asyncio.sleep(0)
            return await asyncio.to_thread(redact_current, "first-secret second-secret")

    async def both() -> list[str]:
        with redacting(Credential({"token": Secret("outer-secret")})):
            assert redact_current("outer-secret") == "***"
            return list(await asyncio.gather(call("first-secret"), call("second-secret")))

    assert asyncio.run(both()) == ["*** second-secret", "first-secret ***"]
    logger.warning("outer-secret")
    assert stream.getvalue() == "outer-secret\n"
