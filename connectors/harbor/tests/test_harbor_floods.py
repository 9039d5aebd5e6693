"""The Harbor connector against servers that drip, flood, or break off."""

import asyncio
import gzip
import zlib
from dataclasses import replace

import pytest

from integrations_hub.connector.reasons import Reason, StepName

from .harbor_hub import QUICK, decisive, no_secret_in_logs
from .odd_server import against, answered, like_harbor, with_length

__all__ = ["no_secret_in_logs"]


def test_a_slow_drip_of_body_ends_in_time():
    async def drip(_path, writer):
        writer.write(answered("200 OK\nContent-Length: 100000"))
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    result, _ = against(drip, limits=QUICK)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)
    assert result.latency_ms < 8000


def test_a_slow_drip_of_header_fields_ends_in_time():
    async def drip(_path, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(1000):
            writer.write(b"X-%d: 1\r\n" % (n % 50) if n < 90 else b"")
            await writer.drain()
            await asyncio.sleep(0.01)

    result, _ = against(drip, limits=QUICK)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


@pytest.mark.parametrize("field", [b"X: " + b"y" * 1000 + b"\r\n", b"y" * 1000, b"X-%d: 1\r\n"])
def test_endless_header_fields_end(field):
    async def flood(_path, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(100_000):
            writer.write(field % n if b"%d" in field else field)
            await writer.drain()

    result, _ = against(flood, limits=replace(QUICK, request_s=5))

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)


def test_endless_interim_answers_end_in_time():
    async def interim(_path, writer):
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    result, _ = against(interim, limits=QUICK)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_body_is_not_read_to_its_end(declared):
    sent = 0

    async def flood(_path, writer):
        nonlocal sent
        writer.write(answered("200 OK\nContent-Length: 99999999999" if declared else "200 OK\nConnection: close"))
        for _ in range(4000):
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    result, _ = against(flood, limits=replace(QUICK, request_s=5))

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert "larger than 1048576 bytes" in result.decisive.evidence
    assert sent < 32 << 20


@pytest.mark.parametrize("wbits", [31, 15], ids=["gzip", "deflate"])
def test_a_compression_bomb_is_not_unpacked(wbits):
    pack = zlib.compressobj(9, zlib.DEFLATED, wbits)
    bomb = b"".join(pack.compress(bytes(1 << 20)) for _ in range(200)) + pack.flush()
    coding = "gzip" if wbits == 31 else "deflate"

    result, _ = against(lambda _path: with_length(f"200 OK\nContent-Encoding: {coding}", bomb))

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert "larger than 1048576 bytes" in result.decisive.evidence


def test_an_honest_compression_is_read():
    body = gzip.compress(b"Pong")
    info = with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')

    def packed(path):
        if path.endswith("/ping"):
            return with_length("200 OK\nContent-Encoding: gzip", body)
        return like_harbor(path, info)

    result, _ = against(packed)

    assert result.reason is Reason.OK


def test_cookies_are_neither_kept_nor_sent():
    info = with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')

    _, seen = against(lambda path: like_harbor(path, info).replace(b"\r\n", b"\r\nSet-Cookie: sid=1\r\n", 1))

    assert len(seen) == 4
    assert not any(b"cookie" in request.lower() for request in seen)


def test_a_connection_closed_without_an_answer_is_a_server_error():
    async def close(_path, writer):
        writer.close()
        raise ConnectionResetError

    result, _ = against(close)

    assert decisive(result) == (StepName.PRODUCT, Reason.SERVER_ERROR)


def test_an_answer_that_breaks_off_is_a_server_error():
    async def break_off(_path, writer):
        writer.write(answered("200 OK\nContent-Length: 100", b"half"))
        await writer.drain()
        writer.close()
        raise ConnectionResetError

    result, _ = against(break_off)

    assert decisive(result) == (StepName.PRODUCT, Reason.SERVER_ERROR)
    assert "broke off" in result.decisive.evidence
