"""Servers that mean harm to whoever asks them: slow, endless, huge. Each costs one request its time, and no memory.

The peak of what Python allocates meanwhile is compared with the body cap, generously: what grows with what a server
sends shows, and how fast anything is does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import ssl
import tracemalloc
import zlib

import pytest
import trustme

from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.proxies import ProxyPolicy
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.web.fetch import Unreachable, fetch_json
from tests.support.listeners import answering, listening, read_head

LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8"))
CAP = 64 << 10
LIMITS = Limits(check_s=3.0, request_s=1.5, connect_s=0.5, body_bytes=CAP)
PEAK = 128 * CAP  # what one read of the event loop (256 KiB) parses into at worst; floods and bombs are far more

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def ask(port, *, scheme="http", proxy=None, ca_bundle=None):
    """Ask once; return why there was no answer, and the peak of memory on the way."""

    async def meet():
        transport = Transport(LOOPBACK, ProxyPolicy(frozenset({proxy}) if proxy else frozenset()))
        sender = Sender(transport, Endpoint(f"{scheme}://127.0.0.1:{port}", ca_bundle, proxy=proxy), LIMITS)
        try:
            await sender.get("x")
        except CheckFailed as failure:
            return failure.with_traceback(None)
        finally:
            await transport.close()
            await asyncio.sleep(0.01)  # for the sockets to be gone before the loop is

    asyncio.run(warm())
    tracemalloc.start()
    try:
        failure = asyncio.run(meet())
        return failure, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.collect()  # a socket that nobody closed is an error of this test, not of a later one


async def warm():
    """Have every module imported and every table built before memory is counted."""
    with listening(answering(OK + b"Content-Length: 0\r\n\r\n")) as server:
        transport = Transport(LOOPBACK)
        await Sender(transport, Endpoint(f"http://127.0.0.1:{server.port}")).get("x")
        await transport.close()


def endless(piece, *, first=b"", pause_s=0.0):
    """Return an act that, asked once, sends `first` and then the same piece without end."""

    def act(connection, listener):
        read_head(connection, listener)
        connection.sendall(first)
        while not listener.stopping.wait(pause_s) if pause_s else not listener.stopping.is_set():
            connection.sendall(piece)

    return act


def packed(data, wbits=31):
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return packer.compress(data) + packer.flush()


def coded(coding, body):
    return answering(OK + b"Content-Encoding: " + coding + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


BOMB = bytes(50 << 20)

FLOODS = {
    "a body without end": endless(b"x" * 65536, first=OK + b"Connection: close\r\n\r\n"),
    "a declared huge body": endless(b"x" * 65536, first=OK + b"Content-Length: 99999999999\r\n\r\n"),
    "chunks without end": endless(b"8000\r\n" + b"x" * 0x8000 + b"\r\n", first=CHUNKED),
    "chunks of one byte": endless(b"1\r\nx\r\n" * 4096, first=CHUNKED),
    "one chunk that never ends": endless(b"x" * 65536, first=CHUNKED + b"ffffffff\r\n"),
    "a chunk extension without end": endless(b"x" * 65536, first=CHUNKED + b"1;"),
    "chunk extensions without end": endless(b"1;" + b"y" * 4096 + b"\r\nx\r\n", first=CHUNKED),
    "a chunk size without end": endless(b"0" * 65536, first=CHUNKED),
    "trailers without end": endless(b"X-T: " + b"y" * 1000 + b"\r\n", first=CHUNKED + b"0\r\n"),
    "header fields without end": endless(b"X-H: " + b"y" * 1000 + b"\r\n", first=OK),
    "tiny header fields without end": endless(b"a:b\r\n" * 4096, first=OK),
    "a header field without end": endless(b"y" * 65536, first=OK + b"X-H: "),
    "a header field's name without end": endless(b"y" * 65536, first=OK),
    "a folded header field": endless(b" y\r\n" * 4096, first=OK + b"X-H: z\r\n"),
    "a status line without end": endless(b"O" * 65536, first=b"HTTP/1.1 200 "),
    "no status line at all": endless(b"x" * 65536),
    "empty lines without end": endless(b"\r\n" * 32768),
    "early hints without end": endless(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1024),
    "early hints with fields": endless(b"HTTP/1.1 103 Early Hints\r\nLink: " + b"y" * 4000 + b"\r\n\r\n"),
    "100 Continue without end": endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 1024),
    "a gzip bomb": coded(b"gzip", packed(BOMB)),
    "a deflate bomb": coded(b"deflate", packed(BOMB, 15)),
    "a gzip bomb of many members": coded(b"gzip", gzip.compress(b"x") + packed(BOMB)),
    "a gzip bomb in a gzip bomb": coded(b"gzip", packed(packed(BOMB) + bytes(8 << 20))),
    "gzip declared twice": coded(b"gzip, gzip", packed(packed(BOMB))),
    "another compression": coded(b"br", b"x" * 100),
    "thousands of empty members": coded(b"gzip", gzip.compress(b"") * 3000),
}  # fmt: skip

DRIPS = {
    "a body": endless(b"x", first=OK + b"Content-Length: 100000\r\n\r\n", pause_s=0.02),
    "chunks": endless(b"1\r\nx\r\n", first=CHUNKED, pause_s=0.02),
    "a chunk extension": endless(b"x", first=CHUNKED + b"1;", pause_s=0.02),
    "trailers": endless(b"X", first=CHUNKED + b"0\r\n", pause_s=0.02),
    "header fields": endless(b"a", first=OK + b"X", pause_s=0.02),
    "a status line": endless(b"O", first=b"HTTP/1.1 200 ", pause_s=0.02),
    "empty lines": endless(b"\r\n", pause_s=0.02),
    "interim answers": endless(b"HTTP/1.1 102 Processing\r\n\r\n", pause_s=0.02),
    "a compressed body": endless(b"\x00", first=OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x10", pause_s=0.02),
    "nothing at all": endless(b"", pause_s=0.02),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_costs_one_request_and_no_memory(name):
    with listening(FLOODS[name]) as server:
        failure, peak = ask(server.port)

    assert failure is not None
    assert failure.reason in {Reason.WRONG_PRODUCT, Reason.TIMEOUT, Reason.SERVER_ERROR}
    assert failure.remedy
    assert peak < PEAK


def test_an_answer_nobody_asked_for_is_not_the_next_one_s():
    """Two are sent for one request; whoever asks next gets its own, or a failure."""

    async def ask_twice(port):
        transport = Transport(LOOPBACK)
        sender, answers = Sender(transport, Endpoint(f"http://127.0.0.1:{port}"), LIMITS), []
        for _ in range(2):
            with contextlib.suppress(CheckFailed):
                answers.append((await sender.get("x")).text())
        await transport.close()
        return answers

    def act(connection, listener):
        while read_head(connection, listener):
            asked, unasked = OK + b"Content-Length: 5\r\n\r\nasked", OK + b"Content-Length: 7\r\n\r\nunasked"
            connection.sendall(asked + unasked)

    with listening(act) as server:
        assert set(asyncio.run(ask_twice(server.port))) <= {"asked"}
    assert server.connections == 2


@pytest.mark.parametrize("name", DRIPS)
def test_a_drip_ends_at_the_requests_time(name):
    with listening(DRIPS[name]) as server:
        failure, peak = ask(server.port)

    assert (failure.reason, failure.step) == (Reason.TIMEOUT, None)
    assert peak < PEAK
    assert server.connections == 1


def test_a_body_of_exactly_the_cap_is_an_answer_and_one_byte_more_is_not():
    for size, expected in ((CAP, None), (CAP + 1, Reason.WRONG_PRODUCT)):
        body = gzip.compress(bytes(size))
        with listening(coded(b"gzip", body)) as server:
            failure, _ = ask(server.port)
        assert (failure and failure.reason) == expected


def silent(connection, listener):
    """Take the connection and say nothing."""
    listener.stopping.wait()


def test_a_handshake_that_never_comes_is_a_timeout_of_tls():
    with listening(silent) as server:
        failure, peak = ask(server.port, scheme="https")

    assert (failure.reason, failure.step) == (Reason.TIMEOUT, StepName.TLS)
    assert peak < PEAK


def test_a_handshake_that_drips_is_a_timeout_of_tls():
    def drip(connection, listener):
        connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")  # a ServerHello of 16 KiB, begun
        while not listener.stopping.wait(0.02):
            connection.sendall(b"\x00")

    with listening(drip) as server:
        failure, _ = ask(server.port, scheme="https")

    assert (failure.reason, failure.step) == (Reason.TIMEOUT, StepName.TLS)


def test_a_flood_instead_of_a_handshake_fails_tls():
    def flood(connection, listener):
        while not listener.stopping.is_set():
            connection.sendall(b"\x16\x03\x03\x40\x00" + bytes(0x4000))  # records of empty handshake messages

    with listening(flood) as server:
        failure, peak = ask(server.port, scheme="https")

    assert failure.reason in {Reason.TLS_ERROR, Reason.TIMEOUT}
    assert failure.step is StepName.TLS
    assert peak < PEAK


def test_a_drip_inside_tls_ends_at_the_requests_time():
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    with listening(DRIPS["a body"], tls=context) as server:
        failure, _ = ask(server.port, scheme="https", ca_bundle=authority.cert_pem.bytes().decode())

    assert (failure.reason, failure.step) == (Reason.TIMEOUT, None)


TUNNELS = {
    "says nothing": (silent, Reason.TIMEOUT),
    "drips its status line": (endless(b"O", first=b"HTTP/1.1 200 ", pause_s=0.02), Reason.TIMEOUT),
    "drips header fields": (endless(b"a", first=OK + b"X", pause_s=0.02), Reason.TIMEOUT),
    "floods header fields": (endless(b"X-H: " + b"y" * 1000 + b"\r\n", first=OK), Reason.EGRESS_DOWN),
    "floods interim answers": (endless(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1024), Reason.TIMEOUT),
    "floods after its refusal": (endless(b"x" * 65536, first=b"HTTP/1.1 403 Forbidden\r\n\r\n"), Reason.EGRESS_DENIED),
    "floods in the tunnel": (endless(b"x" * 65536, first=b"HTTP/1.1 200 Connected\r\n\r\n"), Reason.TLS_ERROR),
    "opens a tunnel to nobody": (endless(b"", first=b"HTTP/1.1 200 Connected\r\n\r\n", pause_s=0.02), Reason.TIMEOUT),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_a_proxy_that_means_harm_costs_one_connection_and_no_memory(name):
    act, reason = TUNNELS[name]
    with listening(act) as server:
        failure, peak = ask(1, scheme="https", proxy=f"http://127.0.0.1:{server.port}")

    assert failure.reason is reason
    assert peak < PEAK


@pytest.mark.parametrize(
    "name", [*DRIPS, "100 Continue without end", "header fields without end", "a body without end"]
)
def test_an_authority_that_means_harm_costs_its_seconds(name):
    """The signing keys are fetched by another client, in a thread that must come back."""
    with listening({**FLOODS, **DRIPS}[name]) as server, pytest.raises(Unreachable):
        fetch_json(f"http://127.0.0.1:{server.port}/keys")
