import io
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from integrations_hub.observability.logs import configure, log_keys

LOGGER = logging.getLogger("integrations_hub.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    logger, stream = logging.getLogger("integrations_hub"), io.StringIO()
    before = logger.handlers[:], logger.level, logger.propagate
    configure(stream=stream, redact=lambda text: text.replace("not-a-real-secret-1", "***"))
    yield stream
    logger.handlers[:], logger.level, logger.propagate = before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object(stream: io.StringIO) -> None:
    LOGGER.info("hello %s", "ü", extra={"providerType": "harbor", "n": 7})
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "message": "hello ü",
        "logger": "integrations_hub.test",
        "providerType": "harbor",
        "n": 7,
    }


@pytest.mark.parametrize(
    "text",
    ['a\n{"level":"ERROR"}', "a\r\nb", "a\u2028b", "a\x1b[2Jb", "a\x00b", "\ud800"],
    ids=["line break", "carriage return", "line separator", "escape", "NUL", "lone surrogate"],
)
def test_no_text_ends_a_line_or_moves_a_terminal(stream: io.StringIO, text: str) -> None:
    LOGGER.info(text, extra={"action": text})
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().rstrip("\n").isprintable()
    assert lines(stream)[0]["message"] == text


def test_everything_passes_the_redaction(stream: io.StringIO) -> None:
    secret = "not-a-real-secret-1"

    class Holder:
        def __str__(self) -> str:
            return secret

    def fail() -> None:
        raise RuntimeError(secret)

    try:
        fail()
    except RuntimeError:
        LOGGER.exception("with %s", secret, extra={"a": secret, "b": [secret, {"c": secret, secret: 1}], "d": Holder()})
    assert secret not in stream.getvalue()
    assert stream.getvalue().count("***") >= 6


def test_an_exception_that_was_written_down_before_is_kept(stream: io.StringIO) -> None:
    record = LOGGER.makeRecord(LOGGER.name, logging.ERROR, __file__, 1, "broken", (), None)
    record.exc_text = "KeyError: 'not-a-real-secret-1'"

    LOGGER.handle(record)

    assert json.loads(stream.getvalue())["exception"] == "KeyError: '***'"


def test_values_json_does_not_know_are_written_as_text(stream: io.StringIO) -> None:
    LOGGER.info("x", extra={"integrationId": UUID(int=1)})
    assert lines(stream)[0]["integrationId"] == "00000000-0000-0000-0000-000000000001"


def test_keys_hold_inside_their_block_and_nest(stream: io.StringIO) -> None:
    with log_keys(requestId="r", action="outer") as keys:
        keys["tenantId"] = "acme"
        with log_keys(action="inner"):
            LOGGER.info("x")
        LOGGER.info("y")
    LOGGER.info("z")
    inner, outer, after = lines(stream)
    assert (inner["requestId"], inner["tenantId"], inner["action"]) == ("r", "acme", "inner")
    assert outer["action"] == "outer"
    assert not {"requestId", "tenantId", "action"} & after.keys()


def test_threads_never_see_each_others_keys(stream: io.StringIO) -> None:
    gate = threading.Barrier(8)

    def work(name: str) -> None:
        with log_keys(requestId=name):
            for _ in range(50):
                gate.wait()
                LOGGER.info(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, "abcdefgh"))
    assert len(lines(stream)) == 400
    assert all(line["requestId"] == line["message"] for line in lines(stream))


def test_configuring_again_replaces_and_the_root_writes_nothing_twice(stream: io.StringIO) -> None:
    second = io.StringIO()
    configure(stream=second, level="WARNING")
    LOGGER.info("quiet")
    LOGGER.warning("heard")
    assert stream.getvalue() == ""
    assert [line["message"] for line in lines(second)] == ["heard"]
    assert logging.getLogger("integrations_hub").propagate is False
