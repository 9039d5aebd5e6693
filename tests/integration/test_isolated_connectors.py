"""A well-meaning stranger's connector does in its cage what it would do inside the hub."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from threading import Thread
from typing import ClassVar

import pytest

import integrations_hub_harbor
from integrations_hub.catalog.plugin import PluginState, Strangers, Trust
from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Credential, CredentialNeed, Delivery, EventRejected, WebhookOutcome
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.errors import Invalid
from integrations_hub.health.incidents import EGRESS
from integrations_hub.health.ports import CheckJob, ConnectorCall, WebhookRequest
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.hosts import HostByTrust
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from tests.support.cages import TOKEN, Cage, OneSecret, cage_of, evidence, left_behind
from tests.support.strangers import describe_distribution, install, toy

pytestmark = [
    pytest.mark.usefixtures("closed_cages"),
    pytest.mark.skipif(sys.platform != "linux", reason="the cage's walls are Linux's: run `make test` on Linux"),
]

COMPLETE = """
    import asyncio, hmac, threading
    from typing import Any
    from integrations_hub.connector.contract import (
        Connector, CredentialNeed, EventRejected, HttpConfig, ReceivedEvent, Resource, ResourcePage, Webhook, WebhookOutcome,
    )
    from integrations_hub.connector.answer import judge_status
    from integrations_hub.connector.errors import CheckFailed
    from integrations_hub.connector.reasons import Reason, StepName

    class Config(HttpConfig):
        mode: str = "check"

    class Complete(Connector[Config]):
        type, category, version = "complete", "scm", "2.0.0"
        credential = CredentialNeed.OPTIONAL
        resource_kinds = ("things",)
        webhooks = True
        config_model = Config

        def endpoint(self, config):
            return config.to_endpoint()

        async def check_health(self, probe):
            (token,) = probe.credential.require("token")
            async with probe.step(StepName.PRODUCT) as step:
                step.evidence = (await probe.http.get("version")).text()
            async with probe.step(StepName.AUTHENTICATE) as step:
                answer = await probe.http.get("me", headers={"X-Token": token}, params={"nth": str(probe.sequence)})
                judge_status(answer)
                step.evidence = answer.text()
            async with probe.step(StepName.AUTHORIZE) as step:
                threads = await asyncio.gather(*(asyncio.to_thread(threading.get_ident) for _ in range(50)))
                answers = await asyncio.gather(*(probe.http.get(f"many/{n}", auth=token) for n in range(30)))
                step.degrade(Reason.READ_ONLY, f"{len(set(threads)) > 0} {len(answers)}", "Grant more.")

        async def discover(self, access, kind, cursor):
            (token,) = access.credential.require("token")
            answer = await access.http.request("POST", f"list/{kind}", auth=(token, token), content=(cursor or "first").encode())
            judge_status(answer)
            return ResourcePage((Resource("1", answer.text(), "https://things.example/1"),), "next")

        async def setup_webhook(self, access, order):
            answer = await access.http.request("PUT", "hook", headers={"X-Hook": order.secret}, content=order.url.encode())
            return Webhook(WebhookOutcome.CREATED, answer.text(), order.resource, order.events)

        def verify_event(self, config, delivery, secret):
            if not hmac.compare_digest(delivery.headers["x-token"], secret.reveal()):
                raise EventRejected("another token")
            return ReceivedEvent("push", "7", delivery.body.decode(), foreign="x-foreign" in delivery.headers)
"""


class Provider(BaseHTTPRequestHandler):
    """Answers what the connector above asks, and notes what it was sent."""

    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, dict(self.headers), body))
        status = 401 if self.path.startswith("/api/me") and self.headers["X-Token"] == "not-a-real-old-secret" else 200
        said = f"{self.command} {self.path} {self.headers.get('X-Token', '')}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    install(folder, "complete-connector", dedent(COMPLETE), target="Complete")
    return folder


@pytest.fixture(scope="module")
def cage(folder: Path) -> Iterator[Cage]:
    yield cage_of(folder, egress="127.0.0.0/8", check_s=15, secrets=OneSecret(webhook=("hook-1", "hook-2")))
    assert left_behind(folder) == []


def call(cage: Cage, provider: str) -> ConnectorCall:
    return cage.call("complete", {"endpoint": provider})


def test_it_describes_itself(cage: Cage):
    (record,) = (one for one in cage.plugins.scan() if one.plugin_id == "complete-connector")
    assert (record.state, record.trust, record.type) == (PluginState.ACTIVE, Trust.UNTRUSTED, "complete")
    assert (record.category, record.version, record.credential) == ("scm", "2.0.0", CredentialNeed.OPTIONAL)
    assert record.capabilities == ("discover:things", "webhook")
    assert "caBundle" in record.config_schema["properties"]
    assert "complete" in cage.plugins.types()
    assert "complete_connector" not in sys.modules


def test_it_judges_configs(cage: Cage):
    valid = cage.host.validate("complete", {"endpoint": "https://a.example:8443/api"})
    assert valid.config == {"mode": "check", "endpoint": "https://a.example:8443/api"}
    assert (valid.target, valid.category, valid.credential) == ("a.example:8443", "scm", CredentialNeed.OPTIONAL)
    with pytest.raises(Invalid) as wrong:
        cage.host.validate("complete", {"endpoint": 7, "password": TOKEN})
    assert {one.pointer for one in wrong.value.violations} == {"/config/endpoint", "/config/password"}
    assert TOKEN not in repr(wrong.value.violations)
    with pytest.raises(Invalid) as pasted:
        cage.host.validate("complete", {"endpoint": "https://a:b@c.example"})
    assert "vault" in pasted.value.violations[0].detail
    with pytest.raises(Invalid) as unknown:
        cage.host.validate("nobody", {})
    assert "complete" in unknown.value.violations[0].detail


def test_it_checks_by_asking_the_hub(cage: Cage, provider: str):
    result = cage.check({"endpoint": provider}, "complete")
    shown = [(one.name, one.reason, one.evidence) for one in result.steps]
    assert shown == [
        (StepName.CONNECT, Reason.OK, "TCP to 127.0.0.1"),
        (StepName.PRODUCT, Reason.OK, "GET /api/version"),
        (StepName.AUTHENTICATE, Reason.OK, "GET /api/me?nth=0 ***"),
        (StepName.AUTHORIZE, Reason.READ_ONLY, "True 30"),
    ]
    assert any(headers.get("Authorization") == f"Bearer {TOKEN}" for _, _, headers, _ in Provider.seen)
    assert result.facts
    assert result.facts.revision == "v:1"
    assert any(headers.get("X-Token") == TOKEN for _, path, headers, _ in Provider.seen if path.startswith("/api/me"))


def test_it_enumerates(cage: Cage, provider: str):
    page = cage.host.discover(call(cage, provider), "things", "second")
    assert [(one.id, one.name) for one in page.items] == [("1", "POST /api/list/things")]
    assert page.next_cursor == "next"
    assert Provider.seen[-1][3] == b"second"
    with pytest.raises(CheckFailed) as none:
        cage.host.discover(call(cage, provider), "others", None)
    assert none.value.reason is Reason.INVALID_CONFIG


def test_it_sets_up_webhooks(cage: Cage, provider: str):
    order = WebhookRequest(
        url="https://hub.example/events", secret_ref="authref://file/h", resource="a/b", events=("push",)
    )
    stands = cage.host.setup_webhook(call(cage, provider), order)
    assert (stands.outcome, stands.resource, stands.events) == (WebhookOutcome.CREATED, "a/b", ("push",))
    assert Provider.seen[-1][2]["X-Hook"] == TOKEN
    assert Provider.seen[-1][3] == b"https://hub.example/events"


def test_it_verifies_events_by_either_secret(cage: Cage, provider: str):
    def verify(token: str) -> object:
        delivery = Delivery(Headers([("X-Token", token)]), "a/ü".encode(), datetime.now(UTC))
        return cage.host.verify_event(call(cage, provider), "authref://file/hook", delivery)

    for token in ("hook-1", "hook-2"):
        assert (verify(token).kind, verify(token).delivery_id, verify(token).resource) == ("push", "7", "a/ü")
    with pytest.raises(EventRejected):
        verify("hook-3")


@pytest.mark.parametrize(("fields", "foreign"), [([], False), ([("X-Foreign", "yes")], True)])
def test_an_event_about_another_integration_stays_foreign(cage: Cage, provider: str, fields, foreign):
    delivery = Delivery(Headers([("X-Token", "hook-1"), *fields]), b"body", datetime.now(UTC))
    assert cage.host.verify_event(call(cage, provider), "authref://file/hook", delivery).foreign is foreign


def test_a_rotated_secret_is_tried_once_more(folder: Path, provider: str):
    class Old(OneSecret):
        async def credential(self, tenant: str, auth_ref_uri: str, target: str):
            return Credential({"token": Secret("not-a-real-old-secret")})

    for rotated, reason in ((TOKEN, Reason.READ_ONLY), (None, Reason.CREDENTIAL_REJECTED)):
        cage = cage_of(folder, egress="127.0.0.0/8", check_s=15, secrets=Old(rotated=rotated))
        assert cage.check({"endpoint": provider}, "complete").reason is reason


def test_the_secret_is_resolved_for_where_it_really_points(cage: Cage, provider: str):
    cage.secrets.asked.clear()
    cage.check({"endpoint": provider}, "complete")
    assert cage.secrets.asked == [provider.removeprefix("http://").removesuffix("/api")]


def test_a_missing_secret_and_an_old_config_are_results(cage: Cage, provider: str):
    missing = cage.check({"endpoint": provider}, "complete", auth="authref://file/missing")
    assert missing.reason is Reason.SECRET_UNAVAILABLE
    old = cage.check({"endpoint": provider, "gone": 1}, "complete")
    assert old.reason is Reason.INVALID_CONFIG
    assert "/gone" in evidence(old)


def test_a_hub_that_is_down_is_told_by_its_phase(cage: Cage):
    result = cage.check({"endpoint": "http://127.0.0.1:1"}, "complete")
    assert result.reason is Reason.CONNECT_ERROR
    assert result.steps[-1].name is StepName.CONNECT


def test_harbor_is_checked_alike_inside_and_in_a_cage(tmp_path: Path):
    """Move a connector of ours into a cage, as it is, and compare."""
    source = Path(str(integrations_hub_harbor.__file__)).parent
    shutil.copytree(source, tmp_path / "integrations_hub_harbor", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "caged_harbor").mkdir()
    (tmp_path / "caged_harbor" / "__init__.py").write_text(
        "from integrations_hub_harbor import HarborConnector\nclass Caged(HarborConnector):\n    type = 'caged-harbor'\n"
    )
    describe_distribution(tmp_path, "caged-harbor", "caged_harbor", "Caged")
    config = {"endpoint": "http://127.0.0.1:1"}
    caged = cage_of(tmp_path, egress="127.0.0.0/8", check_s=15).check(config, "caged-harbor")
    transport, loop = Transport(EgressPolicy(parse_allow_list("127.0.0.0/8"))), BackgroundLoop()
    inside = InProcessHost(Plugins(), OneSecret(), transport, loop, caps=Caps(1, 1, 1), limits=Limits())
    job = CheckJob(tenant_id="acme", type="harbor", config=config, auth_ref_uri="authref://file/one")
    expected = inside.submit(job).result(30)
    loop.submit(transport.close()).result(5)
    assert [(one.name, one.reason, one.evidence, one.remedy) for one in caged.steps] == [
        (one.name, one.reason, one.evidence, one.remedy) for one in expected.steps
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        (f"raise RuntimeError('{TOKEN}')", "RuntimeError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import os; os._exit(4)", "exit code 4"),
        ("import time; time.sleep(600)", "timeout"),
        ("while True: pass", "timeout"),
        ("print('x' * 1_000_000)\nToy = 3", "to standard error"),
        ("Toy = 3", "is not a Connector"),
        ("", "AttributeError"),
        (toy().replace("version = ", "_ = "), "AttributeError"),
        (toy("Not A Type"), "crashed"),
        (toy().replace('"1.0.0"', "1.0"), "crashed"),
        (
            toy().replace("class Config(ConnectorConfig):", "class Config(ConnectorConfig, extra='allow'):"),
            "unknown fields",
        ),
        (toy("harbor"), "duplicate type harbor"),
        (toy("twin"), "duplicate type twin: a-twin has it"),
    ],
)
def test_a_bad_stranger_is_rejected_with_the_reason_and_stops_nobody(tmp_path: Path, source: str, reason: str):
    install(tmp_path, "a-twin", toy("twin"))
    install(tmp_path, "bad", source)
    found = {one.plugin_id: one for one in cage_of(tmp_path).plugins.scan()}
    assert found["bad"].state is PluginState.REJECTED
    assert reason in (found["bad"].rejected_reason or "")
    assert TOKEN not in (found["bad"].rejected_reason or "")
    assert found["a-twin"].state is PluginState.ACTIVE
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("keeper", "strangers", "said"),
    [
        ({"on_lambda": True}, Strangers.REFUSED, "Lambda"),
        (
            {
                "command": [
                    sys.executable,
                    "-c",
                    'print(\'{"integrations-hub-connector":1,"walls":["limits"]}\'); input()',
                ]
            },
            Strangers.REFUSED,
            "Landlock",
        ),
    ],
)
def test_where_walls_are_missing_a_stranger_does_not_run(folder: Path, keeper, strangers, said):
    cage = cage_of(folder, **keeper)
    (record,) = (one for one in cage.plugins.scan() if one.plugin_id == "complete-connector")
    assert (record.rejected_reason or "").startswith("connector_unconfined")
    assert said in (record.rejected_reason or "")
    result = cage.check({}, "complete")
    assert result.reason is Reason.CONNECTOR_UNCONFINED
    assert result.steps[-1].remedy
    isolation = BackgroundLoop().submit(cage.calls.keeper.isolation()).result(20)
    assert isolation.strangers is strangers
    assert said in (isolation.remedy or "")


def test_trusted_types_stay_inside_and_nobodys_are_told_as_such(cage: Cage):
    transport, loop = Transport(EgressPolicy(())), BackgroundLoop()
    inside = InProcessHost(cage.plugins, cage.secrets, transport, loop, caps=Caps(2, 2, 2))
    host = HostByTrust(cage.plugins, inside, lambda: cage.host)
    healthy = CheckJob(tenant_id="acme", type="in-memory", config={"script": [{"do": "healthy"}]}, auth_ref_uri=None)
    assert host.submit(healthy).result(20).reason is Reason.OK
    assert host.validate("complete", {"endpoint": "https://a.example"}).target == "a.example:443"
    nobody = CheckJob(tenant_id="acme", type="nobody", config={}, auth_ref_uri=None)
    assert "no connector for the type nobody is installed" in evidence(host.submit(nobody).result(20))
    loop.submit(transport.close()).result(5)


def test_a_dead_egress_is_not_the_fault_of_a_strangers_provider(folder: Path, provider: str) -> None:
    # Given a provider that is not there, a canary that is not there either, and one that is
    nobody = "http://127.0.0.1:9/api"
    dead, alive = (
        cage_of(folder, egress="127.0.0.0/8", check_s=15, canary_url=canary) for canary in (nobody, provider)
    )
    # When / Then
    ours = dead.check({"endpoint": nobody}, "complete")
    assert (ours.reason, ours.cause) == (Reason.EGRESS_DOWN, EGRESS)
    assert alive.check({"endpoint": nobody}, "complete").reason is Reason.CONNECT_ERROR
