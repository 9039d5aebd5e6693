"""Mutual TLS: a client certificate named by AuthRef, from registration to a server that demands it."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from integrations_hub.connector.client_certificate import ClientCertificate
from integrations_hub.connector.contract import Credential, Endpoint
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Sender, Transport
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.tls import TlsContexts
from tests.support.listeners import answering, listening, read_head

LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8"))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
AUTHORITY = trustme.CA()
BUNDLE = AUTHORITY.cert_pem.bytes().decode()


def pem(leaf):
    """Return chain and key as PEM text."""
    return "".join(part.bytes().decode() for part in leaf.cert_chain_pems), leaf.private_key_pem.bytes().decode()


def fields(leaf):
    chain, key = pem(leaf)
    return {"certificate": chain, "private_key": key}


def certificate(leaf, owner="acme/authref://file/mtls", **changed):
    secret = Credential({name: Secret(text) for name, text in {**fields(leaf), **changed}.items()})
    return ClientCertificate.of(owner, secret)


def demanding(version=ssl.TLSVersion.TLSv1_3):
    """Return the context of a server that demands a certificate of this file's authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = version
    return context


def ask(port, shown):
    async def meet():
        transport = Transport(LOOPBACK)
        sender = Sender(transport, Endpoint(f"https://127.0.0.1:{port}", BUNDLE), client_certificate=shown)
        try:
            return (await sender.get("x")).status
        except CheckFailed as failure:
            return failure.with_traceback(None)
        finally:
            await transport.close()
            await asyncio.sleep(0.01)

    return asyncio.run(meet())


# --- the hub, from registration on ---


@pytest.fixture
def tenant(hub):
    return f"tenant-{uuid4().hex[:12]}"


def store(hub, tenant, name, document):
    folder = hub.state / "secrets" / tenant
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))


def tried(hub, tenant, port, *, scheme="https", ref="authref://file/mtls", bundle=True):
    store(hub, tenant, "robot", "robot:not-a-real-secret-1")
    config = {"endpoint": f"{scheme}://127.0.0.1:{port}", "clientCertificateRef": ref}
    if bundle:
        config["caBundle"] = BUNDLE
    body = {"type": "harbor", "name": "one", "config": config, "authRefUri": "authref://file/robot"}
    return hub.client(tenant).call("POST", "/test", json=body), body


def pong(connection, listener):
    """Answer as Harbor does as far as a test of the connection asks."""
    while head := read_head(connection, listener):
        body = b"Pong" if b"/ping " in head else b"{}"
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def test_the_hub_shows_the_certificate_its_config_names(hub, tenant):
    leaf = AUTHORITY.issue_cert("hub.example", not_after=datetime(2031, 1, 1, tzinfo=UTC))
    store(hub, tenant, "mtls", fields(leaf))
    with listening(pong, tls=demanding()) as server:
        answer, body = tried(hub, tenant, server.port)
        registered = hub.client(tenant).call("POST", json=body)
        checked = hub.client(tenant).call("POST", f"/{registered.json()['id']}/health-check")

    assert [step["name"] for step in answer.json()["steps"]][:2] == ["connect", "tls"]
    assert server.received[0].startswith(b"GET /api/v2.0/ping ")
    assert registered.json()["config"]["clientCertificateRef"] == "authref://file/mtls"
    assert checked.status == 200
    assert (
        hub.client(tenant).call("GET", f"/{registered.json()['id']}").json()["credential"]["endsAt"].startswith("2031")
    )
    trail = hub.client(tenant).call("GET", "/audit").json()["items"]
    named = {
        one["details"].get("clientCertificateRef")
        for one in trail
        if one["action"] in {"integration.created", "integration.tested"}
    }
    assert named == {"authref://file/mtls"}
    key = pem(leaf)[1].splitlines()[1]
    assert not [one for one in (answer, registered, checked) if key.encode() in one.body]


def test_an_unknown_backend_is_refused_with_the_known_ones(hub, tenant):
    answer, body = tried(hub, tenant, 1, ref="authref://nowhere/mtls")
    real = hub.client(tenant).call("POST", json=body)

    for one in (answer, real):
        assert one.status == 422
        (error,) = one.json()["errors"]
        assert error["pointer"] == "/config/clientCertificateRef"
        assert "known are: file" in error["detail"]


@pytest.mark.parametrize("ref", ["authref://file/../other", "vault/mtls", "authref://file/a%2fb", "authref://FILE/a"])
def test_a_reference_obeys_the_grammar(hub, tenant, ref):
    answer, _ = tried(hub, tenant, 1, ref=ref)

    assert answer.status == 422
    assert "/config/clientCertificateRef" in {one["pointer"] for one in answer.json()["errors"]}
    assert ref.encode() not in answer.body


def test_a_certificate_needs_tls(hub, tenant):
    answer, _ = tried(hub, tenant, 1, scheme="http", bundle=False)

    assert answer.status == 422
    assert "needs an endpoint with https://" in answer.body.decode()


def test_a_secret_that_is_not_there_says_which(hub, tenant):
    answer, _ = tried(hub, tenant, 1)

    (step,) = answer.json()["steps"]
    assert (step["name"], step["reason"]) == ("tls", "secret_unavailable")
    assert "client certificate" in step["evidence"]
    assert "authRefUri" not in step["remedy"]


def test_another_tenants_certificate_cannot_be_had(hub, tenant):
    store(hub, f"{tenant}-other", "mtls", fields(AUTHORITY.issue_cert("hub.example")))
    with listening(pong, tls=demanding()) as server:
        answer, _ = tried(hub, tenant, server.port)

    assert answer.json()["steps"][-1]["reason"] == "secret_unavailable"
    assert server.connections == 0


def test_the_certificates_own_hosts_are_obeyed(hub, tenant):
    leaf = AUTHORITY.issue_cert("hub.example")
    store(hub, tenant, "mtls", {**fields(leaf), "allowed_hosts": ["harbor.example"]})
    with listening(pong, tls=demanding()) as server:
        answer, _ = tried(hub, tenant, server.port)

    step = answer.json()["steps"][-1]
    assert step["reason"] == "secret_unavailable"
    assert "allowed_hosts" in step["evidence"]
    assert server.connections == 0


@pytest.mark.parametrize("document", [{"token": "x"}, {"certificate": "x", "private_key": "y"}, "just text"])
def test_a_secret_that_is_no_certificate_is_an_invalid_config(hub, tenant, document):
    store(hub, tenant, "mtls", document)

    answer, _ = tried(hub, tenant, 1)

    step = answer.json()["steps"][-1]
    assert (step["name"], step["reason"]) == ("tls", "invalid_config")
    assert "clientCertificateRef" in step["remedy"]


# --- keys and certificates ---


def encrypted(leaf):
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"fake")).decode()


def test_a_key_that_cannot_be_used_says_why():
    leaf, other = AUTHORITY.issue_cert("hub.example"), AUTHORITY.issue_cert("other.example")
    said = {
        "another's": pem(other)[1],
        "encrypted": encrypted(leaf),
        "none": "no key",
        "endless": pem(leaf)[1].replace("\n", "\n" * 40_000),
    }
    verdicts = {name: ask(1, certificate(leaf, private_key=key)) for name, key in said.items()}

    assert {(one.reason, one.step) for name, one in verdicts.items() if name != "endless"} == {
        (Reason.INVALID_CONFIG, StepName.TLS)
    }
    assert "the key is not the certificate's" in verdicts["another's"].evidence
    assert "the key is encrypted" in verdicts["encrypted"].evidence
    assert "the key cannot be read" in verdicts["none"].evidence
    assert isinstance(verdicts["endless"], CheckFailed)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_demands_a_certificate_gets_the_right_one_or_says_so(version):
    strangers, ended = trustme.CA(), datetime(2020, 1, 1, tzinfo=UTC)
    with listening(answering(OK), tls=demanding(version)) as server:
        right = ask(server.port, certificate(AUTHORITY.issue_cert("hub.example")))
        none = ask(server.port, None)
        stranger = ask(server.port, certificate(strangers.issue_cert("hub.example")))
        expired = ask(server.port, certificate(AUTHORITY.issue_cert("hub.example", not_after=ended)))

    assert right == 200
    for failure in (none, stranger, expired):
        assert (failure.reason, failure.step) == (Reason.TLS_ERROR, StepName.TLS)
        assert "clientCertificateRef" in failure.remedy
    assert "client certificate" in f"{none.evidence} {none.remedy}"
    assert "unknown ca" in stranger.evidence
    assert "expired" in expired.evidence


@pytest.mark.parametrize("page", [b"No required SSL certificate was sent", b"The SSL certificate error"])
def test_a_server_that_says_it_in_a_page_is_understood(page):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    body = b"<html><head><title>400 " + page + b"</title></head></html>"
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    with listening(answering(head + body), tls=context) as server:
        failure = ask(server.port, None)

    assert (failure.reason, failure.step) == (Reason.TLS_ERROR, StepName.TLS)
    assert "clientCertificateRef" in failure.remedy


def test_no_byte_of_it_is_written_to_a_file():
    """Where the system lets the process write nothing into any file, not even into memory, a handshake still works."""
    chain, key = pem(AUTHORITY.issue_cert("hub.example"))
    code = """
import json, resource, ssl, sys
from integrations_hub.connector.client_certificate import ClientCertificate
from integrations_hub.connector.contract import Credential
from integrations_hub.connector.redaction import Secret
chain, key = json.load(sys.stdin)
shown = ClientCertificate.of("acme", Credential({"certificate": Secret(chain), "private_key": Secret(key)}))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
shown.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
try:
    with open("/tmp/hub-no-byte", "wb") as file:
        file.write(b"x")
except OSError:
    print("loaded, and nothing can be written")
"""
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, input=json.dumps([chain, key]), capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "loaded, and nothing can be written"


# --- what is kept ---


def test_a_rotated_certificate_takes_the_place_of_the_one_before():
    contexts, owner = TlsContexts(), "acme/authref://file/mtls"
    old, new = (certificate(AUTHORITY.issue_cert("hub.example"), owner) for _ in range(2))

    first = contexts.get(BUNDLE, old)
    assert contexts.get(BUNDLE, old) is first
    second = contexts.get(BUNDLE, new)
    assert second is not first
    assert contexts.get(BUNDLE, new) is second
    assert contexts.get(BUNDLE, old) is not first  # the first is forgotten, and with it its key


def test_no_two_tenants_share_a_context_and_no_certificate_is_shown_to_who_named_none():
    contexts, leaf = TlsContexts(), AUTHORITY.issue_cert("hub.example")
    made = [
        contexts.get(BUNDLE, certificate(leaf, "acme/authref://file/mtls")),
        contexts.get(BUNDLE, certificate(leaf, "globex/authref://file/mtls")),
        contexts.get(BUNDLE),
        contexts.get(None),
    ]

    assert len(set(map(id, made))) == len(made)


def test_contexts_are_bounded():
    contexts, shown = TlsContexts(), certificate(AUTHORITY.issue_cert("hub.example"), "one")
    first = contexts.get(BUNDLE, shown)
    leaf = AUTHORITY.issue_cert("hub.example")
    for nth in range(64):
        contexts.get(BUNDLE, certificate(leaf, f"owner-{nth}"))

    assert contexts.get(BUNDLE, shown) is not first


def test_a_certificate_shows_nothing_of_itself():
    leaf = AUTHORITY.issue_cert("hub.example")

    shown = repr(certificate(leaf))

    assert not [line for text in pem(leaf) for line in text.splitlines()[1:-1] if line in shown]


@pytest.mark.parametrize(
    ("allowed", "target", "may"),
    [
        (None, "auth.example.org:443", True),
        (None, "evil.example:443", False),
        (["auth.example.org"], "auth.example.org:443", True),
        (["auth.example.org:8443"], "auth.example.org:443", False),
        ([], "registry.example.org:443", False),
    ],
)
def test_it_goes_beyond_the_endpoint_only_where_it_may(allowed, target, may):
    secret = Credential(
        {name: Secret(text) for name, text in fields(AUTHORITY.issue_cert("hub.example")).items()},
        None if allowed is None else tuple(allowed),
    )

    assert ClientCertificate.of("acme", secret).may_go_beyond("registry.example.org", target) is may
