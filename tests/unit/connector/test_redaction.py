"""A secret does not show, in whichever form a provider sends it back."""

import asyncio
import copy
import html
import json
import logging
import pickle
import re
import shlex
from base64 import b64encode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict
from io import StringIO
from traceback import format_exception
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.redaction import (
    Redactor,
    Secret,
    excerpt,
    one_call,
    redact,
    redact_all_records,
    redact_current,
    redacting,
    remember,
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


def test_a_credential_that_has_redacted_leaves_no_form_of_its_secret_in_a_pickle():
    credential = Credential({"token": Secret(CANARY)})
    with redacting(credential) as redactor:
        assert redactor.redact(f"it said {CANARY}") == "it said ***"
    assert CANARY.encode() not in pickle.dumps(credential)


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
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex().upper(),
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
    """A logger of somebody else's, with a handler that knows nothing of us."""
    stream, logger, factory = StringIO(), logging.getLogger("test.redaction"), logging.getLogRecordFactory()
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.propagate = False
    redact_all_records()
    redact_all_records()  # once more changes nothing
    yield logger, stream
    logging.setLogRecordFactory(factory)
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


class _Elsewhere(logging.Formatter):
    """Writes exceptions itself, as the formatter of Lambda's runtime does."""

    def format(self, record):
        shown = format_exception(*record.exc_info) if record.exc_info else [record.exc_text or ""]
        return "".join([record.getMessage(), *shown])


def test_a_formatter_that_writes_exceptions_itself_shows_no_secret(log):
    logger, stream = log
    logger.handlers[0].setFormatter(_Elsewhere())

    with redacting(Credential({"token": Secret("not-a-real-secret-1")})):
        try:
            {}["not-a-real-secret-1"]
        except KeyError:
            logger.exception("broken")
        try:
            {}["harmless"]
        except KeyError:
            logger.exception("broken")

    assert "not-a-real" not in stream.getvalue()
    assert "KeyError: 'harmless'" in stream.getvalue()
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


def test_what_a_call_resolves_is_known_to_its_end_in_the_threads_and_tasks_it_uses(log):
    logger, stream = log

    async def resolve() -> None:
        remember(Credential({"token": Secret("not-a-real-secret-1")}))
        raise ValueError("not-a-real-secret-1")

    with one_call(), ThreadPoolExecutor(1) as threads:
        crossing = threads.submit(copy_context().run, asyncio.run, resolve())
        logger.error("it crossed over", exc_info=crossing.exception())
        logger.warning("and %s", "not-a-real-secret-1")
    logger.warning("not-a-real-secret-1 is not known any more")

    assert "ValueError: ***" in stream.getvalue()
    assert "and ***" in stream.getvalue()
    assert stream.getvalue().count("not-a-real-secret-1") == 1


def test_what_a_task_resolves_without_a_call_is_known_to_its_end(log):
    logger, stream = log

    async def resolve() -> None:
        for number in range(100):
            remember(Credential({"token": Secret(f"not-a-real-secret-{number:02}")}))
            remember(Credential({"token": Secret(f"not-a-real-secret-{number:02}")}))
        logger.warning("not-a-real-secret-99 not-a-real-secret-40")

    asyncio.run(resolve())
    logger.warning("afterwards")

    assert stream.getvalue() == "*** ***\nafterwards\n"


def test_a_line_whose_arguments_do_not_fit_shows_no_secret(log, capsys):
    logger, stream = log

    with redacting(Credential({"token": Secret("not-a-real-secret-1")})):
        logger.warning("%d %s", "not-a-real-secret-1")  # noqa: PLE1206 - what this is about

    assert "not-a-real" not in stream.getvalue() + "".join(capsys.readouterr())


PEM = "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n".format(
    "PRIVATE " + "KEY", "\n".join(b64encode(bytes(range(nth, nth + 48))).decode() for nth in range(0, 192, 48))
)
FLAT = b64encode(b"robot$x:" + b"not-a-real-secret-" * 8).decode()


@pytest.mark.parametrize("broken", ["\n", "\r\n", "\n    ", "\\n", "\\r\\n", " \n> ", "\n\t", "\n | "])
@pytest.mark.parametrize("width", [7, 60, 76])
def test_a_value_cut_by_line_breaks_is_known(broken, width):
    wrapped = broken.join(FLAT[at : at + width] for at in range(0, len(FLAT), width))

    clean = redact(f"sent <{wrapped}>", ["robot$x", "not-a-real-secret-" * 8])

    assert clean == "sent <***>"


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: pem.replace("\n", "\n    "),
        lambda pem: pem.replace("\n", ""),
        lambda pem: "\n".join(pem[at : at + 30] for at in range(0, len(pem), 30)),
        lambda pem: "\n".join(re.findall(".{1,76}", b64encode(pem.encode()).decode())),
        json.dumps,
        lambda pem: json.dumps(json.dumps(pem)),
        repr,
        lambda pem: quote(pem, safe=""),
        lambda pem: pem.splitlines()[2],  # one line of it
        lambda pem: " ".join(pem.splitlines()),
    ],
)
def test_a_key_of_several_lines_is_known_however_it_is_wrapped(form):
    lines = PEM.splitlines()[1:-1]

    clean = redact(f"<{form(PEM)}>", [PEM])

    assert "***" in clean
    assert not any(line in clean for line in lines)
    assert not re.search("[A-Za-z0-9+/]{20}", clean)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.text("abc123", min_size=8, max_size=40), st.data())
def test_no_break_anywhere_hides_a_value(secret, data):
    cuts = sorted(data.draw(st.lists(st.integers(1, len(secret) - 1), unique=True)))
    pieces = [secret[start:end] for start, end in zip([0, *cuts], [*cuts, len(secret)], strict=True)]

    assert redact("<" + "\n".join(pieces) + ">", [secret]) == "<***>"


SPICED = "p!ss(w&rd)<é>/x+$\"q'`\\ z"


def written(text, *escapes):
    """Return a text as its JSON, with characters that need no escape escaped all the same."""
    return re.sub("|".join(map(re.escape, escapes)), lambda one: f"\\u{ord(one[0]):04X}", json.dumps(text)[1:-1])


@pytest.mark.parametrize("repeated", [1, 2])
@pytest.mark.parametrize("broken", ["", "\n", "\r\n    "])
@pytest.mark.parametrize(
    "form",
    [
        lambda text: written(text, "<", ">", "&"),  # Go, Rails
        lambda text: written(text, *"<>&+'`"),  # .NET
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),  # PHP
        lambda text: quote(text, safe="!'()*"),  # encodeURIComponent
        lambda text: quote(text, safe="!#$&'()*+,/:;=?@"),  # encodeURI
        lambda text: quote(text, safe="$&+=:@"),  # Go, in a path
        lambda text: quote_plus(text, safe="*"),  # a form as browsers send it
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        lambda text: re.sub(r'[$`"\\]', r"\\\g<0>", text),  # a shell's double quotes
        html.escape,
        lambda text: html.escape(text, quote=False),
        lambda text: "".join(f"&#{ord(one)};" for one in text),
    ],
)
def test_whoever_wrote_it_an_escaped_value_is_known_twice_escaped_and_cut_too(form, broken, repeated):
    shown = SPICED
    for _ in range(repeated):
        shown = form(shown)
    shown = broken.join(shown[at : at + 17] for at in range(0, len(shown), 17))

    assert redact(f"sent [{shown}] to", [SPICED]) == "sent [***] to"


def test_a_value_cut_at_its_blanks_and_signs_is_known():
    folded = "it is correct horse\n  battery >sta\n  ple now"

    assert redact(folded, ["correct horse battery >staple"]) == "it is *** now"
    assert redact("it is correct horse\n> battery\n>staple now", ["correct horse battery >staple"]) == "it is *** now"


def test_the_basic_form_is_known_in_an_address_too():
    basic = b64encode(f"robot$x>:{SPICED}".encode()).decode()

    clean = redact(f"sent [{quote(basic, safe='')}] to", [SPICED, "robot$x>"])

    assert basic != quote(basic, safe="")
    assert clean.replace("%3D", "") == "sent [***] to"


@pytest.mark.parametrize("text", ["100%25 of a+b", '\\u0041 \\" \\\\', "&amp; &#65; &nbsp;", r"C:\new\table"])
def test_other_escapes_are_left_as_they_are(text):
    assert redact(text, [SPICED]) == text


def test_breaks_elsewhere_and_short_values_leave_a_text_as_it_is():
    text = "one\ntwo\r\n  three\\nfour"

    assert redact(text, ["not-a-real-secret-1", "e\nt"]) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        " " * 1_000_000,
        "\n" * 300_000,
        "\n" + " \t" * 500_000,
        "\\" * 1_000_000 + "\n",
        "\n> " * 200_000,
        "%5c" * 300_000,
        "&" * 1_000_000,
    ],
)
def test_a_strangers_blanks_do_not_keep_the_hub_busy(text):
    assert redact(text, ["not-a-real-secret-1"]) == text


def test_json_refuses_a_secret_or_writes_stars():
    with pytest.raises(TypeError) as refusal:
        json.dumps({"token": Secret(CANARY)})
    assert "not" + "/a" not in str(refusal.value)
    assert json.dumps(Secret(CANARY), default=str) == '"***"'
    assert repr(asdict(Credential({"token": Secret(CANARY)}))) == "{'fields': {'token': ***}, 'allowed_hosts': None}"
