"""Checks through a forward proxy: a real one, small, on loopback; and every way in which one fails."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl

import pytest
import trustme

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.proxies import ProxyPolicy, parse_direct, parse_proxies
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from tests.support.listeners import answering, listening, read_head

CANARY = "not-a-real-secret-canary-7"
LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8"))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def forwarding(connection, listener):
    """Be a forward proxy (RFC 9110 §9.3.6): a tunnel for CONNECT, the request passed on for any other method."""
    head = read_head(connection, listener)
    method, target = head.split()[:2]
    authority = target if method == b"CONNECT" else target.split(b"/")[2]
    with socket.create_connection(("127.0.0.1", int(authority.rpartition(b":")[2]))) as onward:
        if method == b"CONNECT":
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            onward.sendall(head)
        while True:
            for source in select.select([connection, onward], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                (onward if source is connection else connection).sendall(data)


def ask(url, policy, *, proxy=None, ca_bundle=None, limits=None):
    """Ask once with a credential; return the answer or failure, and the phases."""

    async def meet():
        transport = Transport(LOOPBACK, policy)
        sender = Sender(transport, Endpoint(url, ca_bundle, proxy=proxy), limits or Limits(connect_s=1))
        outcome: Answer | CheckFailed
        try:
            outcome = await sender.get("x", auth=(Secret("user"), Secret(CANARY)))
        except CheckFailed as failure:
            outcome = failure.with_traceback(None)
        await transport.close()
        await asyncio.sleep(0.01)
        return outcome, sender.take_phases()

    return asyncio.run(meet())


def by(listener):
    """Return the policy of an operator whose every call goes through a proxy."""
    return ProxyPolicy(default=f"http://127.0.0.1:{listener.port}")


@pytest.fixture
def authority():
    return trustme.CA()


def server_context(authority, name="provider.example"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_https_goes_through_a_tunnel_and_the_proxy_sees_nothing_of_it(authority):
    bundle = authority.cert_pem.bytes().decode()
    with listening(answering(OK), tls=server_context(authority)) as provider, listening(forwarding) as proxy:
        url = f"https://provider.example:{provider.port}/base"
        answer, phases = ask(url, by(proxy), ca_bundle=bundle)

    assert answer.status == 200
    assert provider.received[0].startswith(b"GET /base/x HTTP/1.1\r\n")
    assert b"authorization: basic" in provider.received[0].lower()
    (seen,) = proxy.received
    assert seen.startswith(f"CONNECT provider.example:{provider.port} HTTP/1.1\r\n".encode())
    assert b"authorization" not in seen.lower()
    assert b"/base" not in seen
    assert [phase.name for phase in phases] == [StepName.CONNECT, StepName.TLS]
    assert phases[0].evidence == "TCP to the proxy at 127.0.0.1"


def test_http_goes_in_absolute_form():
    with listening(answering(OK)) as provider, listening(forwarding) as proxy:
        answer, _ = ask(f"http://provider.example:{provider.port}/base", by(proxy))

    assert answer.status == 200
    assert proxy.received[0].startswith(f"GET http://provider.example:{provider.port}/base/x HTTP/1.1\r\n".encode())


def test_the_certificate_is_verified_behind_the_proxy(authority):
    bundle = authority.cert_pem.bytes().decode()
    context = server_context(authority, "other.example")
    with listening(answering(OK), tls=context) as provider, listening(forwarding) as proxy:
        failure, _ = ask(f"https://provider.example:{provider.port}", by(proxy), ca_bundle=bundle)

    assert (failure.reason, failure.step) == (Reason.TLS_ERROR, StepName.TLS)
    assert provider.received == []


def test_an_integration_may_name_a_proxy_that_the_operator_names():
    with listening(answering(OK)) as provider, listening(forwarding) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        answer, _ = ask(f"http://provider.example:{provider.port}", ProxyPolicy(parse_proxies(url)), proxy=url)

    assert answer.status == 200
    assert proxy.connections == 1


@pytest.mark.parametrize("entry", ["localhost", ".localhost,localhost.", "127.0.0.0/8,::1,localhost"])
def test_what_the_operator_lists_goes_past_the_default(entry):
    with listening(answering(OK)) as provider, listening(forwarding) as proxy:
        policy = ProxyPolicy(default=f"http://127.0.0.1:{proxy.port}", direct=parse_direct(entry))
        answer, _ = ask(f"http://localhost:{provider.port}", policy)

    assert answer.status == 200
    assert proxy.connections == 0


REFUSALS = [
    (b"407 Proxy Authentication Required", Reason.EGRESS_DENIED, "demands authentication"),
    (b"403 Forbidden", Reason.EGRESS_DENIED, "refuses to connect there (HTTP 403)"),
    (b"405 Method Not Allowed", Reason.EGRESS_DENIED, "refuses to connect there (HTTP 405)"),
    (b"502 Bad Gateway", Reason.CONNECT_ERROR, "cannot reach the provider (HTTP 502)"),
    (b"503 Service Unavailable", Reason.CONNECT_ERROR, "cannot reach the provider (HTTP 503)"),
    (b"504 Gateway Timeout", Reason.CONNECT_ERROR, "cannot reach the provider (HTTP 504)"),
]


@pytest.mark.parametrize(("status", "reason", "evidence"), REFUSALS)
def test_a_proxys_refusal_is_told_apart(status, reason, evidence):
    with listening(answering(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")) as proxy:
        failure, _ = ask("https://provider.example", by(proxy))

    assert (failure.reason, failure.step) == (reason, StepName.CONNECT)
    assert evidence in failure.evidence
    assert failure.remedy


def test_authentication_is_the_proxys_demand_for_http_too():
    with listening(answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) as proxy:
        failure, _ = ask("http://provider.example", by(proxy))

    assert (failure.reason, failure.step) == (Reason.EGRESS_DENIED, StepName.CONNECT)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_away_is_no_verdict_on_the_provider(scheme):
    with listening() as gone:
        policy = by(gone)
    failure, _ = ask(f"{scheme}://provider.example", policy)

    assert (failure.reason, failure.step) == (Reason.EGRESS_DOWN, StepName.CONNECT)
    assert "the proxy: connection refused" in failure.evidence


def test_a_proxy_whose_name_nobody_knows_is_no_verdict_on_the_provider():
    failure, _ = ask("https://provider.example", ProxyPolicy(default="http://proxy.invalid:3128"))

    assert (failure.reason, failure.evidence) == (Reason.EGRESS_DOWN, "the proxy: its name is not known")


def test_a_proxy_that_takes_no_connection_is_told_from_one_that_waits():
    waiting = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = waiting.getsockname()[1]
    fillers = []
    for _ in range(8):  # a queue that is full answers nobody
        filler = socket.socket()
        filler.setblocking(False)  # noqa: FBT003 - the standard library's signature
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    try:
        full, _ = ask("https://provider.example", ProxyPolicy(default=f"http://127.0.0.1:{port}"))
    finally:
        for one in (waiting, *fillers):
            one.close()
    with listening(lambda _, listener: listener.stopping.wait()) as silent:
        waits, _ = ask("https://provider.example", by(silent))

    assert (full.reason, full.step) == (Reason.EGRESS_DOWN, StepName.CONNECT)
    assert (waits.reason, waits.step) == (Reason.TIMEOUT, StepName.CONNECT)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.9\r\n\r\n"])
def test_what_is_no_proxy_is_no_verdict_on_the_provider(answer):
    def act(connection, listener):
        read_head(connection, listener)
        connection.sendall(answer)

    with listening(act) as proxy:
        failure, _ = ask("https://provider.example", by(proxy))

    assert (failure.reason, failure.step) == (Reason.EGRESS_DOWN, StepName.CONNECT)


def test_nothing_of_the_credential_is_in_what_goes_wrong_at_a_proxy():
    with listening(answering(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")) as proxy:
        for scheme in ("http", "https"):
            failure, _ = ask(f"{scheme}://provider.example", by(proxy))
            assert failure.__cause__ is None
            assert failure.__context__ is None
            assert CANARY not in f"{failure!r} {failure.evidence} {failure.remedy}"
