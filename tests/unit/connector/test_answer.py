"""What an answer means for any provider, decided without a network."""

import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from integrations_hub.connector.answer import Answer, Headers, judge_status, retry_after_s
from integrations_hub.connector.coding import decode_body
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (301, Reason.WRONG_PRODUCT),
        (400, Reason.WRONG_PRODUCT),
        (401, Reason.CREDENTIAL_REJECTED),
        (403, Reason.PERMISSION_MISSING),
        (404, Reason.WRONG_PRODUCT),
        (408, Reason.TIMEOUT),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (599, Reason.SERVER_ERROR),
    ],
)
def test_each_status_has_one_reason_and_a_remedy(status, reason):
    with pytest.raises(CheckFailed) as failed:
        judge_status(Answer(status, excerpt="said the provider"))

    assert failed.value.reason is reason
    assert failed.value.remedy
    assert failed.value.evidence == f"HTTP {status}: said the provider"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_2xx_is_no_failure(status):
    assert judge_status(Answer(status)) is None


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "99999999999999999999"}, 21600.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "١٢"}, None),
        ({"Retry-After": "Thu, 01 Jan 2026 12:01:00 GMT"}, 60.0),
        ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 01 Jan 2026 13:00:30 GMT", "Date": "Thu, 01 Jan 2026 13:00:00 GMT"}, 30.0),
        ({"Retry-After": "Fri, 01 Jan 2999 00:00:00 GMT"}, 21600.0),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(fields, seconds):
    answer = Answer(429, Headers(fields.items()))

    assert retry_after_s(answer, now=NOW) == seconds


def test_header_names_have_no_case_and_repeated_fields_are_joined():
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("Other", "3")])

    assert headers["X-a"] == "1, 2"
    assert headers.get("OTHER") == "3"
    assert len(headers) == 2


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_not_json_is_another_product_and_is_not_repeated(body):
    with pytest.raises(CheckFailed) as failed:
        Answer(200, Headers([("Content-Type", "text/html; x=1")]), body).json()

    assert failed.value.reason is Reason.WRONG_PRODUCT
    assert failed.value.evidence == "answered 200 with text/html where JSON was expected"
    assert failed.value.__context__ is None


def test_an_answer_shows_neither_header_nor_body():
    answer = Answer(200, Headers([("X", "canary")]), b"canary")

    assert "canary" not in repr(answer)


@pytest.mark.parametrize("body", [b"not gzip", b"\x1f\x8b\x08\x00"])
def test_a_broken_or_cut_coding_is_another_product(body):
    with pytest.raises(CheckFailed) as failed:
        decode_body(body, "gzip", 100)

    assert failed.value.reason is Reason.WRONG_PRODUCT


def test_a_bomb_is_not_held_in_memory():
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(pack.compress(bytes(1 << 20)) for _ in range(64)) + pack.flush()
    tracemalloc.start()

    with pytest.raises(CheckFailed):
        decode_body(bomb, "gzip", 1 << 20)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_coding_nobody_asked_for_is_another_product():
    with pytest.raises(CheckFailed) as failed:
        decode_body(b"x", "br", 100)

    assert failed.value.reason is Reason.WRONG_PRODUCT
