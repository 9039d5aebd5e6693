"""Addresses that are somewhere else than they look, tried through the API and through the sender beneath it.

Where a refused address could be reached from here, a canary listens on it and must see no connection.
"""

from __future__ import annotations

import asyncio
import ssl
import sys

import aiohttp
import pytest
import trustme
from aiohttp.abc import AbstractResolver

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.proxies import ProxyPolicy
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from tests.support.hub import outside_folder, running_hub
from tests.support.listeners import answering, listening, read_head

SECOND = "127.0.0.2" if sys.platform == "linux" else "::1"  # another address of this very machine
NOTHING, EVERYTHING = EgressPolicy(), EgressPolicy(parse_allow_list("0.0.0.0/0, ::/0, 169.254.0.0/16, fe80::/10"))
FIRST_ONLY = EgressPolicy(parse_allow_list("127.0.0.1/32"))
SECOND_ONLY = EgressPolicy(parse_allow_list(SECOND))
QUICK = Limits(check_s=3, request_s=2, connect_s=1)
DRAFT = {"type": "harbor", "authRefUri": "authref://file/robot"}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

# `{port}` is the canary's. What one reader of URLs takes for a name or nonsense another connects to.
NO_ENDPOINT = [
    "http://127.1:{port}", "http://127.0.1:{port}", "http://2130706433:{port}", "http://0x7f000001:{port}", "http://0x7f.0.0.1:{port}",
    "http://0x7f.1:{port}", "http://0177.0.0.1:{port}", "http://017700000001:{port}", "http://127.0.0.01:{port}", "http://0:{port}",
    "http://127.0.0.1.:{port}", "http://[::1%25lo]:{port}", "http://[::1%lo]:{port}", "http://[fe80::1%25eth0]:{port}", "http://[127.0.0.1]:{port}",
    "http://１２７.０.０.１:{port}", "http://①②⑦.0.0.1:{port}", "http://127。0。0。1:{port}", "http://127．0．0．1:{port}", "http://loc𝐚lhost:{port}",
    "http://ｌocalhost:{port}", "http://metadata.google.internaⅼ", "http://gіthub.com", "http://public.example@127.0.0.1:{port}",
    "http://public.example:80@127.0.0.1:{port}", "http://127.0.0.1:{port}#@public.example", "http://127.0.0.1:{port}?@public.example",
    "http://public.example\\@127.0.0.1:{port}", "http://127.0.0.1:{port}\\@public.example", "http://127.0.0.1:{port};@public.example",
    "http://public.example%40127.0.0.1:{port}", "http://127.0.0.1%2f@public.example", "http://127.0.0.1:{port}\r\nHost: public.example",
    "http://127.0.0.1:{port}\n", "http://127.0.0.1\t:{port}", "http://127.0.0.1 :{port}", "http:127.0.0.1:{port}", "http:/127.0.0.1:{port}",
    "http:///127.0.0.1:{port}", "http://:{port}", "http://127.0.0.1:{port}:80", "http://127.0.0.1:99999", "http://127.0.0.1:0",
    "//127.0.0.1:{port}", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_GET", "ftp://127.0.0.1:{port}", "unix:///var/run/docker.sock",
    "http://127.0.0.1:{port}/..;/x", "http://[::ffff:127.0.0.1:{port}", "http://localhost..:{port}", "http://-localhost:{port}",
]  # fmt: skip

# Good endpoints that lead to this machine; the canary hears on the address a system would connect to.
HERE = [
    ("127.0.0.1", "127.0.0.1"), ("[::ffff:127.0.0.1]", "127.0.0.1"), ("[::ffff:7f00:1]", "127.0.0.1"), ("[0:0:0:0:0:ffff:7f00:1]", "127.0.0.1"),
    ("0.0.0.0", "127.0.0.1"), ("[::]", "::1"), ("[::1]", "::1"), ("[0:0:0:0:0:0:0:1]", "::1"), ("localhost", "127.0.0.1"), ("LOCALHOST.", "127.0.0.1"),
]  # fmt: skip

PRIVATE = [
    "10.0.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "0.1.2.3", "192.0.0.8", "198.18.0.1", "203.0.113.7", "224.0.0.1", "255.255.255.255",
    "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]", "[2002:7f00:1::]",
    "[2002:a00:1::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
]  # fmt: skip

METADATA = [
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.42.42", "169.254.0.23", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::169.254.169.254]", "[::ffff:0:169.254.169.254]", "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::169.254.169.254]", "[64:ff9b:1:a9fe:a9:fe00::]", "[2002:a9fe:a9fe::1]", "[2001:0:a9fe:a9fe::1]", "[2001:0:808:808:0:0:5601:5601]",
    "[fe80::a9fe:a9fe]", "[fd00:ec2::254]", "[fd00:ec2::23]", "[fd20:ce::254]", "[fd00:c1::a9fe:a9fe]", "[fd00:42::42]",
    "metadata.google.internal", "METADATA.google.internal.", "metadata", "metadata.goog", "instance-data", "instance-data.ec2.internal",
    "metadata.azure.internal", "metadata.tencentyun.com", "rancher-metadata",
]  # fmt: skip


class Names(AbstractResolver):
    """A resolver that gives the addresses in hand: for each look-up the next list, the last one for good."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def resolve(self, host, port=0, family=0):
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [{"hostname": host, "host": one, "port": port, "family": 0, "proto": 0, "flags": 0} for one in addresses]

    async def close(self):
        """Hold nothing."""


def ask(url, *, policy=NOTHING, names=None, times=1, proxies=None, **endpoint):
    """Ask with a credential, several times over connections of their own; return the last answer or failure."""

    async def meet():
        transport = Transport(policy, proxies, (lambda: names) if names else aiohttp.ThreadedResolver)
        outcome: Answer | CheckFailed | None = None
        for _ in range(times):
            try:
                outcome = await Sender(transport, Endpoint(url, **endpoint), QUICK).get(
                    "x", auth=(Secret("u"), Secret("not-a-real-secret-1"))
                )
            except CheckFailed as failure:
                outcome = failure.with_traceback(None)
            await transport.close()  # with what it remembered of names
        await asyncio.sleep(0.01)
        return outcome

    return asyncio.run(meet())


@pytest.fixture(scope="module")
def guarded():
    """Run a hub whose operator has opened one address of this machine, and every range of metadata services."""
    opened = f"{SECOND}, 169.254.0.0/16, fe80::/10, 100.100.100.200, 168.63.129.16, 192.0.0.192, fd00:42::/32, fd00:c1::/32, fd00:ec2::/32, fd20:ce::/32"
    with outside_folder() as folder, running_hub(folder, EGRESS_ALLOW=opened, ON_DEMAND_PER_MINUTE="100000") as running:
        yield running


def tried(hub, endpoint, **config):
    """Dry-run an endpoint; return the answer."""
    folder = hub.state / "secrets" / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "robot").write_text("robot:not-a-real-secret-1")
    config = {"endpoint": endpoint, **config}
    return hub.client().call("POST", "/test", json={**DRAFT, "name": "one", "config": config})


def refused(answer):
    """Return the step that refused: the connection, for the policy's sake."""
    assert answer.status == 200, answer.body
    step = answer.json()["steps"][-1]
    assert (step["name"], step["reason"]) == ("connect", "egress_denied")
    return step


@pytest.mark.parametrize("endpoint", NO_ENDPOINT)
def test_an_address_readers_differ_on_is_no_endpoint(guarded, endpoint):
    with listening() as canary:
        url = endpoint.replace("{port}", str(canary.port))
        dry, real = (
            tried(guarded, url),
            guarded.client().call("POST", json={**DRAFT, "name": "never", "config": {"endpoint": url}}),
        )

    assert (dry.status, real.status) == (422, 422)
    assert "/config/endpoint" in {one["pointer"] for one in dry.json()["errors"]}
    assert canary.connections == 0


@pytest.mark.parametrize("endpoint", NO_ENDPOINT)
def test_nor_does_the_sender_connect_to_it_when_a_connector_hands_it_on(endpoint):
    with listening() as canary:
        outcome = ask(endpoint.replace("{port}", str(canary.port)))

    assert isinstance(outcome, CheckFailed)
    assert canary.connections == 0


@pytest.mark.parametrize(("host", "hears"), HERE)
def test_this_machine_is_refused_in_every_spelling(guarded, host, hears):
    with listening(host=hears) as canary:
        step = refused(tried(guarded, f"http://{host}:{canary.port}"))
        ask(f"http://{host}:{canary.port}")

    assert "EGRESS_ALLOW" in step["remedy"]
    assert canary.connections == 0


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_in_every_spelling(guarded, host):
    assert "EGRESS_ALLOW" in refused(tried(guarded, f"https://{host}"))["remedy"]


@pytest.mark.parametrize("host", METADATA)
def test_no_allow_list_opens_a_metadata_service(guarded, host):
    outcome = ask(f"http://{host}", policy=EVERYTHING)

    assert refused(tried(guarded, f"http://{host}"))["remedy"] == "No setting opens this range."
    assert (outcome.reason, outcome.remedy) == (Reason.EGRESS_DENIED, "No setting opens this range.")


def test_the_canary_hears_what_is_allowed(guarded):
    """The detector works: the same request, where the operator allows it, arrives."""
    with listening(answering(OK), host=SECOND) as canary:
        tried(guarded, f"http://{canary.authority}")

    assert canary.connections
    assert canary.received[0].startswith(b"GET /api/v2.0/ping ")


# --- names ---


@pytest.mark.parametrize("addresses", [[SECOND, "127.0.0.1"], ["127.0.0.1", SECOND], [SECOND, SECOND, "127.0.0.1"]])
def test_of_a_name_with_mixed_answers_only_the_open_address_is_connected_to(addresses):
    with listening(answering(OK)) as server, listening(host=SECOND, port=server.port) as canary:
        outcome = ask(f"http://mixed.example:{server.port}", policy=FIRST_ONLY, names=Names(addresses))

    assert getattr(outcome, "status", outcome) == 200
    assert canary.connections == 0


def test_of_a_name_with_mixed_answers_the_refused_address_is_no_fallback():
    with listening(host=SECOND) as canary:
        outcome = ask(f"http://mixed.example:{canary.port}", policy=FIRST_ONLY, names=Names(["127.0.0.1", SECOND]))

    assert outcome.reason is Reason.CONNECT_ERROR
    assert canary.connections == 0


@pytest.mark.parametrize("then", [SECOND, "169.254.169.254", "::ffff:127.0.0.2", "::1", "0.0.0.0"])
def test_a_name_rebound_between_two_look_ups_is_judged_again(then):
    names = Names(["127.0.0.1"], [then])
    with listening(answering(OK)) as server, listening(host=SECOND, port=server.port) as canary:
        outcome = ask(f"http://rebound.example:{server.port}", policy=FIRST_ONLY, names=names, times=2)

    assert names.asked == ["rebound.example"] * 2
    assert outcome.reason is Reason.EGRESS_DENIED
    assert (server.connections, canary.connections) == (1, 0)


def test_a_name_that_stands_for_private_addresses_only_is_refused_without_saying_which():
    outcome = ask("http://inside.example", names=Names(["10.1.2.3", "fd00::1"]))

    assert outcome.reason is Reason.EGRESS_DENIED
    assert "10.1.2.3" not in outcome.evidence


def test_a_name_of_a_thousand_addresses_is_tried_at_a_few():
    outcome = ask("http://many.example:1", policy=FIRST_ONLY, names=Names(["127.0.0.1"] * 1000))

    assert outcome.reason is Reason.CONNECT_ERROR


# --- redirects ---

AWAY = [
    "http://{canary}/base/x", "//{canary}/base/x", "http://{canary}@127.0.0.1/base/x", "http://u:p@127.0.0.1:{own}/base/x", "https://127.0.0.1:{own}/base/x",
    "http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "http://metadata.google.internal/", "http://2130706433:{own}/base/x",
    "http://127.1:{own}/base/x", "http://0x7f.1:{own}/base/x", "http://localhost:{own}/base/x", "http://127.0.0.1:1/base/x", "http://127.0.0.1/base/x",
    "http://127.0.0.1:{own}/other", "http://127.0.0.1:{own}/base/../other", "http://127.0.0.1:{own}/base/%2e%2e/other", "http://127.0.0.1:{own}\\@{canary}/base/x",
    "http:\\\\{canary}\\base", "file:///etc/passwd", "gopher://{canary}/", "ftp://{canary}/base", "http://127.0.0.1:{own}#@{canary}/base/x",
]  # fmt: skip


@pytest.mark.parametrize("location", AWAY)
@pytest.mark.parametrize("status", [b"302 Found", b"308 Permanent Redirect"])
def test_a_redirect_takes_no_credential_anywhere_else(location, status):
    with listening(host=SECOND) as canary:

        def away(connection, listener):
            to = location.replace("{canary}", canary.authority).replace("{own}", str(listener.port)).encode()
            answering(b"HTTP/1.1 " + status + b"\r\nLocation: " + to + b"\r\nContent-Length: 0\r\n\r\n")(
                connection, listener
            )

        with listening(away) as server:
            outcome = ask(f"http://127.0.0.1:{server.port}/base", policy=EVERYTHING)

    assert outcome.reason is Reason.WRONG_PRODUCT
    assert len(server.received) == 1
    assert canary.connections == 0


def test_a_chain_of_redirects_inside_the_base_ends_where_it_leaves():
    with listening(host=SECOND) as canary:

        def chain(connection, listener):
            for to in (b"/base/1", b"/base/2", b"http://" + canary.authority.encode() + b"/base/3"):
                read_head(connection, listener)
                connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + to + b"\r\nContent-Length: 0\r\n\r\n")

        with listening(chain) as server:
            outcome = ask(f"http://127.0.0.1:{server.port}/base", policy=EVERYTHING)

    assert outcome.reason is Reason.WRONG_PRODUCT
    assert len(server.received) == 3
    assert canary.connections == 0


# --- what the operator opened ---


def test_an_opened_private_host_is_reached_with_the_right_certificate_and_not_with_a_wrong_one():
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("harbor.internal.example").configure_cert(context)
    names = Names(["127.0.0.1"])
    with listening(answering(OK), tls=context) as server:
        url = f"https://harbor.internal.example:{server.port}"
        right = ask(url, policy=FIRST_ONLY, names=names, ca_bundle=authority.cert_pem.bytes().decode())
        wrong = ask(url, policy=FIRST_ONLY, names=names, ca_bundle=other.cert_pem.bytes().decode())
        unnamed = ask(
            f"https://other.internal.example:{server.port}",
            policy=FIRST_ONLY,
            names=names,
            ca_bundle=authority.cert_pem.bytes().decode(),
        )

    assert getattr(right, "status", right) == 200
    assert (wrong.reason, unnamed.reason) == (Reason.TLS_ERROR, Reason.TLS_ERROR)
    assert len(server.received) == 1


# --- proxies ---


@pytest.mark.parametrize(
    "host", [*(host for host, _ in HERE), *PRIVATE, "localhost", "x.localhost", "127.1", "2130706433"]
)
def test_a_proxy_is_not_asked_for_what_the_hub_can_judge_itself(host):
    with listening(host=SECOND) as proxy:
        url = f"http://{proxy.authority}"
        outcome = ask(f"https://{host}", policy=SECOND_ONLY, proxies=ProxyPolicy(frozenset({url})), proxy=url)

    assert outcome.reason in {Reason.EGRESS_DENIED, Reason.INVALID_CONFIG}
    assert proxy.connections == 0


@pytest.mark.parametrize("host", METADATA)
def test_a_proxy_is_not_asked_for_a_metadata_service(host):
    with listening() as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        outcome = ask(f"http://{host}", policy=EVERYTHING, proxies=ProxyPolicy(default=url))

    assert outcome.reason is Reason.EGRESS_DENIED
    assert proxy.connections == 0


def test_a_proxy_the_operator_does_not_name_is_no_way_round(guarded):
    with listening() as canary:
        answer = tried(guarded, "https://github.com", proxy=f"http://127.0.0.1:{canary.port}")
        outcome = ask("https://github.com", policy=EVERYTHING, proxy=f"http://127.0.0.1:{canary.port}")

    assert answer.status == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/config/proxy"]
    assert outcome.reason is Reason.EGRESS_DENIED
    assert canary.connections == 0


def test_a_proxy_in_a_range_that_is_refused_is_not_connected_to():
    with listening() as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        outcome = ask("https://github.com", proxies=ProxyPolicy(default=url))

    assert (outcome.reason, outcome.evidence) == (
        Reason.EGRESS_DENIED,
        "the proxy is in a range checks may not reach: loopback (127.0.0.0/8)",
    )
    assert proxy.connections == 0
