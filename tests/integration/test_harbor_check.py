"""The Harbor connector over real sockets: a simulated Harbor in all its states, and servers that mean harm.

`check` below is all the hub's engine has to do: build the probe, call the connector under a deadline, read the result.
"""

import asyncio
import gzip
import logging
import ssl
import zlib
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trustme

from integrations_hub.connector.contract import Credential, Probe, StepStatus
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_harbor import HarborConnector
from local.simulated_harbor import Project, Robot, SimulatedHarbor

HARBOR = HarborConnector()
ROBOT, CANARY = "robot$hub", "not-a-real-secret-canary-1"
CREDENTIAL = Credential({"username": Secret(ROBOT), "password": Secret(CANARY)})
LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8,::1/128"))
QUICK = Limits(check_s=2.0, request_s=0.4, connect_s=0.3)


async def check(config, *, credential=CREDENTIAL, policy=LOOPBACK, limits=None, deadline_s=20.0):
    """Run one check as the engine does."""
    config, transport = HARBOR.validate_config(config), Transport(policy)
    try:
        probe = Probe(config, credential, Sender(transport, HARBOR.endpoint(config), limits))
        with suppress(CheckFailed, TimeoutError):
            async with asyncio.timeout(deadline_s):
                await HARBOR.check_health(probe)
        return probe.result()
    finally:
        await transport.close()


def run(config, **options):
    """Check, and see that the secret is nowhere in what came of it."""
    result = asyncio.run(check(config, **options))
    assert CANARY not in repr(result)
    return result


def decisive(result):
    return result.decisive.name, result.decisive.reason


@pytest.fixture(autouse=True)
def _no_secret_in_logs(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text


@pytest.fixture
def harbor():
    simulated = SimulatedHarbor(
        robots=[Robot(ROBOT, CANARY)], projects=[Project("library", public=True), Project("payments")]
    )
    simulated.start()
    yield simulated
    simulated.stop()


# --- a Harbor in its states ---


def test_a_healthy_harbor_passes_every_step(harbor):
    result = run({"endpoint": harbor.url, "project": "payments"})

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "product", "authenticate", "authorize"]
    assert all(step.status is StepStatus.PASSED and step.evidence for step in result.steps)
    assert sum(step.duration_ms for step in result.steps) <= result.latency_ms
    assert "v2.15.2" in result.steps[2].evidence


def test_a_name_is_resolved_first(harbor):
    result = run({"endpoint": harbor.url.replace("127.0.0.1", "localhost")})

    assert [step.name for step in result.steps] == ["resolve", "connect", "product", "authenticate"]


@pytest.mark.parametrize(
    "robot",
    [
        Robot(ROBOT, "not-a-real-secret-2"),
        Robot("robot$other", CANARY),
        Robot(ROBOT, CANARY, disabled=True),
        Robot(ROBOT, CANARY, expires_at=1),
    ],
    ids=["wrong secret", "unknown", "disabled", "expired"],
)
def test_a_robot_that_harbor_takes_for_nobody_is_rejected(harbor, robot):
    harbor.robots[:] = [robot]

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert result.decisive.remedy


def test_a_secret_without_its_fields_is_an_invalid_config(harbor):
    result = run({"endpoint": harbor.url}, credential=Credential({"token": Secret(CANARY)}))

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert "username, password" in result.decisive.evidence


def test_a_secret_with_a_line_break_is_not_sent(harbor):
    broken = Credential({"username": Secret(ROBOT), "password": Secret(f"{CANARY}\n")})

    result = run({"endpoint": harbor.url}, credential=broken)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert not any("systeminfo" in request for request in harbor.requests)


@pytest.mark.parametrize("name", ["core", "database", "redis", "registry", "registryctl"])
def test_an_essential_component_down_fails_the_check(harbor, name):
    harbor.break_component(name)

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.PRODUCT, Reason.COMPONENT_DOWN)
    assert result.failed
    assert name in result.decisive.evidence


@pytest.mark.parametrize("name", ["portal", "jobservice", "trivy"])
def test_an_inessential_component_down_degrades_it(harbor, name):
    harbor.break_component(name)

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.PRODUCT, Reason.COMPONENT_DOWN)
    assert not result.failed
    assert result.steps[-1].name is StepName.AUTHENTICATE


def test_a_read_only_harbor_is_degraded(harbor):
    harbor.read_only = True

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.READ_ONLY)
    assert not result.failed


def test_a_private_project_the_robot_does_not_see_lacks_permission(harbor):
    harbor.robots[:] = [Robot(ROBOT, CANARY, projects=("other",))]

    result = run({"endpoint": harbor.url, "project": "payments"})

    assert decisive(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)


def test_a_project_is_found_by_its_whole_name_on_whichever_page(harbor):
    harbor.projects[:] = [*(Project(f"a{n}-payments") for n in range(150)), Project("payments")]

    result = run({"endpoint": harbor.url, "project": "payments"})

    assert result.reason is Reason.OK
    assert harbor.requests.count("GET /api/v2.0/projects") == 2


def test_a_harbor_that_fails_is_a_server_error(harbor):
    harbor.failing = True

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.PRODUCT, Reason.SERVER_ERROR)
    assert "503" in result.decisive.evidence


def test_a_harbor_that_hangs_times_out_at_its_step(harbor):
    harbor.latency_s = 5

    result = run({"endpoint": harbor.url}, limits=QUICK)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)
    assert result.steps[0].name is StepName.CONNECT


def test_the_senders_own_deadline_ends_a_check_of_many_slow_requests(harbor):
    harbor.latency_s = 0.3

    result = run({"endpoint": harbor.url}, limits=replace(QUICK, check_s=0.5))

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


def test_the_engines_deadline_leaves_a_result_too(harbor):
    harbor.latency_s = 5

    result = run({"endpoint": harbor.url}, deadline_s=0.2)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)


def test_a_connection_is_used_again_for_the_next_request(harbor):
    result = run({"endpoint": harbor.url, "project": "payments"})

    assert [step.name for step in result.steps].count(StepName.CONNECT) == 1


def test_one_transport_serves_many_checks_at_once(harbor):
    async def many():
        transport, config = Transport(LOOPBACK), HARBOR.validate_config({"endpoint": harbor.url})
        probes = [Probe(config, CREDENTIAL, Sender(transport, HARBOR.endpoint(config))) for _ in range(40)]
        await asyncio.gather(*map(HARBOR.check_health, probes))
        await transport.close()
        return [probe.result() for probe in probes]

    assert all(result.reason is Reason.OK for result in asyncio.run(many()))


# --- TLS ---


@pytest.fixture
def authority():
    return trustme.CA()


def tls_harbor(authority, *names, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    simulated = SimulatedHarbor(robots=[Robot(ROBOT, CANARY)], tls=context)
    simulated.start()
    return simulated


def test_a_certificate_is_verified_against_the_bundle_and_its_end_is_told(authority):
    simulated = tls_harbor(authority, "127.0.0.1")
    try:
        result = run({"endpoint": simulated.url, "caBundle": authority.cert_pem.bytes().decode()})
    finally:
        simulated.stop()

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "tls", "product", "authenticate"]
    assert result.steps[1].evidence.startswith("TLSv1.3, certificate valid until ")
    assert result.certificate_ends_at is not None


def test_a_certificate_for_another_name_is_a_tls_error_that_says_which(authority):
    simulated = tls_harbor(authority, "other.example")
    try:
        result = run({"endpoint": simulated.url, "caBundle": authority.cert_pem.bytes().decode()})
    finally:
        simulated.stop()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "not for this address" in result.decisive.evidence
    assert "other.example" in result.decisive.evidence
    assert simulated.requests == []


def test_a_certificate_for_another_host_name_is_a_tls_error(authority):
    simulated = tls_harbor(authority, "other.example")
    try:
        config = {"endpoint": simulated.url.replace("127.0.0.1", "localhost")}
        result = run({**config, "caBundle": authority.cert_pem.bytes().decode()})
    finally:
        simulated.stop()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "for another name; it names other.example" in result.decisive.evidence


@pytest.mark.parametrize("bundle", [None, "another"])
def test_an_authority_nobody_trusts_is_a_tls_error(authority, bundle):
    simulated = tls_harbor(authority, "127.0.0.1")
    other = {"caBundle": trustme.CA().cert_pem.bytes().decode()} if bundle else {}
    try:
        result = run({"endpoint": simulated.url, **other})
    finally:
        simulated.stop()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "not trusted; it names 127.0.0.1" in result.decisive.evidence
    assert "caBundle" in result.decisive.remedy
    assert simulated.requests == []


def test_an_expired_certificate_is_a_tls_error(authority):
    simulated = tls_harbor(authority, "127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    try:
        result = run({"endpoint": simulated.url, "caBundle": authority.cert_pem.bytes().decode()})
    finally:
        simulated.stop()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "expired" in result.decisive.evidence
    assert "2020-01-01" in result.decisive.evidence


def test_a_port_that_does_not_speak_tls_says_so(harbor):
    result = run({"endpoint": harbor.url.replace("http:", "https:")})

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "does not speak TLS" in result.decisive.evidence


# --- servers that are something else, or mean harm ---


def answered(head, body=b""):
    return b"HTTP/1.1 " + head.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def with_length(head, body):
    return answered(f"{head}\nContent-Length: {len(body)}", body)


@asynccontextmanager
async def server(respond):
    """Serve `respond(path, request) -> bytes`, or a coroutine function (path, writer), on a port of its own."""
    seen, writers = [], set()

    async def handle(reader, writer):
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                seen.append(request)
                path = request.split()[1].decode()
                if asyncio.iscoroutinefunction(respond):
                    await respond(path, writer)
                else:
                    writer.write(respond(path))
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", seen
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def against(respond, **options):
    async def meet():
        async with server(respond) as (url, seen):
            return await check({"endpoint": url}, **options), seen

    result, seen = asyncio.run(meet())
    assert CANARY not in repr(result)
    return result, seen


def like_harbor(path, systeminfo):
    """Answer as Harbor up to the request that carries the credential."""
    if path.endswith("/ping"):
        return with_length("200 OK", b"Pong")
    if path.endswith("/health"):
        return with_length("200 OK\nContent-Type: application/json", b'{"status":"healthy","components":[]}')
    return systeminfo


@pytest.mark.parametrize(
    "other",
    [
        with_length("200 OK\nContent-Type: text/html", b"<html>welcome</html>"),
        with_length("404 Not Found\nContent-Type: application/json", b'{"message":"no such thing"}'),
        with_length("200 OK", b'{"pong":true}'),
        b"220 mail.example ESMTP\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    ],
    ids=["html", "json 404", "json 200", "smtp", "ssh"],
)
def test_another_product_at_the_address_is_told_apart(other):
    result, _ = against(lambda _path: other)

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)


def test_an_error_body_is_shown_short_and_without_the_credential():
    def echo(path):
        body = f"denied: {CANARY} Basic cm9ib3QkaHViOm5vdC1hLXJlYWwtc2VjcmV0LWNhbmFyeS0x ".encode() + b"x" * 9000
        return like_harbor(path, with_length("401 Unauthorized\nContent-Type: text/plain", body))

    result, seen = against(echo)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert result.decisive.evidence.startswith("HTTP 401: denied: *** ")
    assert "cm9ib3QkaHVi" not in result.decisive.evidence
    assert len(result.decisive.evidence) < 540
    assert b"cm9ib3QkaHVi" in seen[-1]


@pytest.mark.parametrize(
    ("head", "reason", "retry_after_s"),
    [
        ("403 Forbidden", Reason.PERMISSION_MISSING, None),
        ("429 Too Many Requests\nRetry-After: 77", Reason.RATE_LIMITED, 77),
        ("503 Service Unavailable\nRetry-After: 5", Reason.SERVER_ERROR, 5),
    ],
)
def test_common_statuses_have_their_reasons_and_wishes(head, reason, retry_after_s):
    result, _ = against(lambda path: like_harbor(path, with_length(head, b"no")))

    assert result.reason is reason
    assert result.retry_after_s == retry_after_s


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_to_another_host_is_not_followed(status):
    async def meet():
        async with server(lambda _path: with_length("200 OK", b"{}")) as (trap, caught):
            to = trap.replace("127.0.0.1", "localhost") + "/api/v2.0/systeminfo?leak=query-canary"
            away = with_length(f"{status}\nLocation: {to}", b"")
            async with server(lambda path: like_harbor(path, away)) as (url, _):
                return await check({"endpoint": url}), caught

    result, caught = asyncio.run(meet())

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert "to http://localhost; not followed" in result.decisive.evidence
    assert "query-canary" not in repr(result)
    assert caught == []


@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere",
        "/api/v2.0/../../elsewhere",
        "/api/v2.0/%2e%2e/elsewhere",
        "/api/v2.0evil/x",
        "//localhost/api/v2.0/x",
        "https://127.0.0.1/api/v2.0/x",
        "http://user:pass@{authority}/api/v2.0/x",
        "http://user@{authority}/api/v2.0/x",
        "/api/v2.0/a%2f..%2f..%2felsewhere",
        "/api/v2.0/a%5c..%5celsewhere",
        "http://127.0.0.1:1/api/v2.0/x",
        "file:///etc/passwd",
        "http://[",
        "\\\\localhost\\x",
    ],
)
def test_a_redirect_out_of_the_base_is_not_followed(location):
    async def away(path, writer):
        host, port = writer.get_extra_info("sockname")
        to = location.replace("{authority}", f"{host}:{port}")
        writer.write(like_harbor(path, with_length(f"302 Found\nLocation: {to}", b"")))

    result, seen = against(away)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert "not followed" in result.decisive.evidence
    assert len(seen) == 3


def test_a_redirect_inside_the_base_is_followed():
    def moved(path):
        if path.endswith("/moved"):
            return with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')
        return like_harbor(path, with_length("302 Found\nLocation: /api/v2.0/moved", b""))

    result, seen = against(moved)

    assert result.reason is Reason.OK
    assert seen[-1].startswith(b"GET /api/v2.0/moved ")


def test_redirects_in_a_circle_end():
    result, seen = against(lambda _path: with_length("302 Found\nLocation: ping", b""))

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert len(seen) == 4


def test_a_slow_drip_of_body_ends_in_time():
    async def drip(_path, writer):
        writer.write(answered("200 OK\nContent-Length: 100000"))
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    result, _ = against(drip, limits=QUICK)

    assert decisive(result) == (StepName.PRODUCT, Reason.TIMEOUT)
    assert result.latency_ms < 2000


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

    assert len(seen) == 3
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


# --- no connection ---


def test_a_refused_connection_is_a_connect_error(harbor):
    harbor.stop()

    result = run({"endpoint": harbor.url})

    assert decisive(result) == (StepName.CONNECT, Reason.CONNECT_ERROR)
    assert "connection refused" in result.decisive.evidence


def test_a_name_nobody_knows_is_a_dns_error():
    result = run(
        {"endpoint": "https://no-such-host.invalid"}, limits=replace(QUICK, connect_s=15, request_s=15, check_s=20)
    )

    assert decisive(result) == (StepName.RESOLVE, Reason.DNS_ERROR)
    assert "no-such-host.invalid" in result.decisive.evidence


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_is_denied_unless_the_operator_opens_it(harbor, host):
    result = run({"endpoint": harbor.url.replace("127.0.0.1", host)}, policy=EgressPolicy())

    assert decisive(result) == (StepName.CONNECT, Reason.EGRESS_DENIED)
    assert "loopback" in result.decisive.evidence
    assert "EGRESS_ALLOW" in result.decisive.remedy
    assert harbor.requests == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "100.100.100.200"])
def test_no_setting_opens_a_metadata_service(host):
    result = run({"endpoint": f"http://{host}"}, policy=EgressPolicy(parse_allow_list("0.0.0.0/0,::/0")), limits=QUICK)

    assert decisive(result) == (StepName.CONNECT, Reason.EGRESS_DENIED)
    assert result.decisive.remedy == "No setting opens this range."


def test_a_proxy_in_the_environment_is_not_used(harbor, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert run({"endpoint": harbor.url}).reason is Reason.OK


# --- the simulated Harbor itself ---


def test_the_simulated_harbor_pages_and_hides_as_harbor_does(harbor):
    async def ask(path, **options):
        transport = Transport(LOOPBACK)
        sender = Sender(transport, HARBOR.endpoint(HARBOR.validate_config({"endpoint": harbor.url})))
        try:
            return await sender.get(path, **options)
        finally:
            await transport.close()

    robot = (Secret(ROBOT), Secret(CANARY))
    everyone, known = asyncio.run(ask("projects")), asyncio.run(ask("projects", auth=robot))
    too_many = asyncio.run(ask("projects", params={"page_size": "101"}))
    current = asyncio.run(ask("users/current", auth=robot))

    assert [project["name"] for project in everyone.json()] == ["library"]
    assert [project["name"] for project in known.json()] == ["library", "payments"]
    assert known.headers["X-Total-Count"] == "2"
    assert (too_many.status, current.status) == (422, 412)
    assert "errors" in current.json()
    assert asyncio.run(ask("projects/payments/repositories")).status == 401
    assert CANARY not in repr(harbor)
