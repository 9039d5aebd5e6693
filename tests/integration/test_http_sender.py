"""The bounded sender by itself: what it sends, what it never sends, and what its failures hold."""

import asyncio
import traceback
from contextlib import suppress

import pytest

from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

CANARY = "not-a-real-secret-canary-2"
LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8"))


def exchange(act, answer=b"HTTP/1.1 204 No Content\r\n\r\n", path="/base", policy=LOOPBACK):
    """Run `act(sender)` against a server that gives one answer; return what act returned, and all that was received."""
    received = []

    async def handle(reader, writer):
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                received.append(chunk)
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def meet():
        listening = await asyncio.start_server(handle, "127.0.0.1", 0)
        port, transport = listening.sockets[0].getsockname()[1], Transport(policy)
        sender = Sender(transport, Endpoint(f"http://127.0.0.1:{port}{path}"), Limits(request_s=2))
        try:
            return await act(sender)
        finally:
            await transport.close()
            listening.close()
            await asyncio.sleep(0.01)

    return asyncio.run(meet()), b"".join(received)


def failure(act, **options):
    async def expect(sender):
        with pytest.raises(CheckFailed) as failed:
            await act(sender)
        return failed.value

    return exchange(expect, **options)


def test_paths_are_joined_below_the_base_and_kept_as_encoded():
    _, sent = exchange(lambda sender: sender.get("projects/a/repositories/b%252Fc", params={"q": "x y&z"}))

    assert sent.startswith(b"GET /base/projects/a/repositories/b%252Fc?q=x+y%26z HTTP/1.1\r\n")
    assert b"Accept-Encoding: gzip\r\n" in sent
    assert b"User-Agent: integrations-hub/" in sent


def test_a_leading_slash_does_not_leave_the_base():
    _, sent = exchange(lambda sender: sender.get("/ping"))

    assert sent.startswith(b"GET /base/ping ")


@pytest.mark.parametrize(
    "path", ["https://other.example/base/x", "../x", "a/../../x", "%2e%2e/x", "http://127.0.0.1:1/base/x"]
)
def test_what_leaves_the_base_is_never_asked(path):
    failed, sent = failure(lambda sender: sender.get(path, auth=(Secret("u"), Secret(CANARY))))

    assert failed.reason is Reason.WRONG_PRODUCT
    assert sent == b""


def test_a_body_is_sent_as_it_is_and_its_redirect_is_not_followed():
    moved = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /base/b\r\nContent-Length: 0\r\n\r\n"

    answer, sent = exchange(lambda sender: sender.request("POST", "a", content=b"exactly this"), answer=moved)

    assert answer.status == 307
    assert sent.startswith(b"POST /base/a ")
    assert sent.endswith(b"exactly this")


def test_a_secret_header_is_sent_and_not_shown():
    echo = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 26\r\n\r\n" + CANARY.encode()

    answer, sent = exchange(lambda sender: sender.get("x", headers={"Private-Token": Secret(CANARY)}), answer=echo)

    assert f"Private-Token: {CANARY}".encode() in sent
    assert answer.excerpt == "***"
    assert CANARY not in repr(answer)


def test_a_bearer_token_is_sent_and_not_shown_when_it_comes_back_alone():
    echo = f"HTTP/1.1 500 Sorry\r\nContent-Length: {len(CANARY) + 4}\r\n\r\nis: {CANARY}".encode()

    answer, sent = exchange(lambda sender: sender.get("x", auth=Secret(CANARY)), answer=echo)

    assert f"Authorization: Bearer {CANARY}\r\n".encode() in sent
    assert answer.excerpt == "is: ***"


@pytest.mark.parametrize("auth", [("a:b", CANARY), ("a", ""), ("a", f"{CANARY}\r\nX: y")])
def test_a_credential_http_basic_cannot_carry_is_not_sent(auth):
    failed, sent = failure(lambda sender: sender.get("x", auth=tuple(map(Secret, auth))))

    assert (failed.reason, failed.step) == (Reason.INVALID_CONFIG, StepName.AUTHENTICATE)
    assert sent == b""
    assert CANARY not in f"{failed} {failed.remedy}"


def test_a_failures_chain_holds_no_request():
    failed, _ = failure(lambda sender: sender.get("x", auth=(Secret("u"), Secret(CANARY))), answer=b"nonsense\r\n\r\n")

    assert failed.__cause__ is None
    assert failed.__context__ is None
    shown = "".join(traceback.format_exception(failed))
    assert CANARY not in shown
    assert "Authorization" not in shown


def test_phases_are_told_once():
    async def twice(sender):
        await sender.get("x")
        first = sender.take_phases()
        await sender.get("y")
        return first, sender.take_phases()

    (first, second), _ = exchange(twice)

    assert [phase.name for phase in first] == [StepName.CONNECT]
    assert first[0].evidence == "TCP to 127.0.0.1"
    assert second == ()


def test_a_bundle_without_a_certificate_is_an_invalid_config():
    async def ask():
        transport = Transport(LOOPBACK)
        try:
            await Sender(transport, Endpoint("https://127.0.0.1:1", "no certificate")).get("x")
        finally:
            await transport.close()

    with pytest.raises(CheckFailed) as failed:
        asyncio.run(ask())

    assert (failed.value.reason, failed.value.step) == (Reason.INVALID_CONFIG, StepName.TLS)
