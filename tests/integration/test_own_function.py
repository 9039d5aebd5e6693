"""A stranger's connector on Lambda: in a function of its own, asked by `run_connector`, under Lambda's real runtime."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from threading import Thread
from typing import Any, ClassVar

import boto3
import pytest

from integrations_hub.catalog.plugin import Strangers, Trust
from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import CredentialNeed, Delivery, EventRejected
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_hub import Describe
from integrations_hub.connector.transport import Limits
from integrations_hub.errors import Invalid
from integrations_hub.health.ports import CheckJob, ConnectorCall, WebhookRequest
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.grants import NoGrants
from integrations_hub.plugins.own_function import FunctionCalls
from integrations_hub.plugins.remote.host import RemoteHost
from integrations_hub.plugins.remote.lambda_line import LambdaLine
from integrations_hub.plugins.remote.plugins import RemotePlugins
from integrations_hub.plugins.strangers import Stranger
from tests.support.connector_hosts import CANARY
from tests.support.functions import FUNCTIONS
from tests.support.lambda_service import LambdaService, lambda_service, shared_layer
from tests.support.strangers import install

HOOK = "not-a-real-webhook-secret"
SOURCE = FUNCTIONS / "run_connector"
KEYS = {"AWS_ACCESS_KEY_ID": "not-a-real-key-id", "AWS_SECRET_ACCESS_KEY": "not-a-real-key"}
STRANGER = """
    import hmac
    from pathlib import Path
    from integrations_hub.connector.answer import judge_status
    from integrations_hub.connector.contract import (
        Connector, CredentialNeed, EventRejected, HttpConfig, ReceivedEvent, Resource, ResourcePage, Webhook, WebhookOutcome,
    )
    from integrations_hub.connector.reasons import StepName

    Path(__file__).with_name("loaded").touch()

    class Config(HttpConfig):
        crash: bool = False

    class Strange(Connector[Config]):
        type, category, version = "strange", "scm", "3.0.0"
        credential = CredentialNeed.OPTIONAL
        resource_kinds, webhooks = ("things",), True
        config_model = Config

        def endpoint(self, config):
            return config.to_endpoint()

        async def check_health(self, probe):
            (token,) = probe.credential.require("token")
            async with probe.step(StepName.AUTHENTICATE) as step:
                if probe.config.crash:
                    print("I was given", token.reveal())
                    raise RuntimeError("a bug: " + token.reveal())
                answer = await probe.http.get("me", headers={"X-Token": token})
                judge_status(answer)
                step.evidence = answer.text()

        async def discover(self, access, kind, cursor):
            answer = await access.http.get(kind)
            return ResourcePage((Resource("1", answer.text()),), "next")

        async def setup_webhook(self, access, order):
            answer = await access.http.request("PUT", "hook", headers={"X-Token": order.secret})
            return Webhook(WebhookOutcome.CREATED, answer.text(), order.resource, order.events)

        def verify_event(self, config, delivery, secret):
            if not hmac.compare_digest(delivery.headers.get("x-token", ""), secret.reveal()):
                raise EventRejected("another token")
            return ReceivedEvent("push", "7", delivery.body.decode())
"""


class Provider(BaseHTTPRequestHandler):
    """Says what it was asked, the token too, and notes it."""

    seen: ClassVar[list[tuple[str, str, str]]] = []

    def _answer(self) -> None:
        token = self.headers.get("X-Token", "")
        self.seen.append((self.command, self.path, token))
        said = f"{self.command} {self.path} {token}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_PUT = _answer  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the shared layer, and the stranger's."""
    folder = tmp_path_factory.mktemp("layers")
    install(folder / "strange", "strange-connector", dedent(STRANGER), target="Strange")
    return [shared_layer(folder / "shared"), folder / "strange"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, layers: list[Path]) -> Iterator[LambdaService]:
    """Deploy the stranger's function, and a `run_connector` that has its secrets and asks it."""
    folder = tmp_path_factory.mktemp("lambda")
    mine = folder / "secrets" / "acme"
    mine.mkdir(parents=True)
    (mine / "token").write_text(json.dumps({"token": CANARY}))
    (mine / "hook").write_text(json.dumps({"webhook_secret": HOOK}))
    with lambda_service(folder) as service:
        service.deploy("hub-plugin", SOURCE, {"EGRESS_ALLOW": "127.0.0.0/8"}, layers=layers)
        parent = {
            "PLUGIN_FUNCTIONS": "hub-plugin",
            "DEVELOPMENT_SECRETS": "1",
            "SECRET_BACKENDS": json.dumps({"file": {"kind": "file", "root": str(folder / "secrets")}}),
            "AWS_ENDPOINT_URL_LAMBDA": service.url,
            "AWS_DEFAULT_REGION": "eu-central-1",
            **KEYS,
        }
        service.deploy("hub-run-connector-strange", SOURCE, parent, layers=layers[:1])
        yield service


@pytest.fixture(scope="module")
def host(service: LambdaService) -> RemoteHost:
    client = client_of(service)
    return RemoteHost(["strange"], LambdaLine("hub-run-connector-{type}", lambda: client), lambda _: None, at_once=2)


def client_of(service: LambdaService) -> Any:
    keys = {name.lower(): value for name, value in KEYS.items()}
    return boto3.client("lambda", endpoint_url=service.url, region_name="eu-central-1", **keys)


def call(provider: str, **config: Any) -> ConnectorCall:
    return ConnectorCall(
        tenant_id="acme", type="strange", config={"endpoint": provider, **config}, auth_ref_uri="authref://file/token"
    )


def check(host: RemoteHost, provider: str, **config: Any):
    job = CheckJob(
        tenant_id="acme", type="strange", config={"endpoint": provider, **config}, auth_ref_uri="authref://file/token"
    )
    return host.submit(job).result(60)


def test_it_describes_itself_from_its_function_and_the_walls_are_told(host: RemoteHost) -> None:
    plugins = RemotePlugins(["strange"], host, list)
    (record,) = plugins.scan()
    assert (record.plugin_id, record.path, record.trust) == ("hub-plugin", "lambda:hub-plugin", Trust.UNTRUSTED)
    assert (record.type, record.version, record.credential) == ("strange", "3.0.0", CredentialNeed.OPTIONAL)
    assert record.capabilities == ("discover:things", "webhook")
    isolation = plugins.isolation()
    assert isolation.strangers is Strangers.CONFINED
    assert set(isolation.walls) == {"own-environment", "own-function", "own-tenant"}


def test_it_does_all_a_connector_does(host: RemoteHost, provider: str) -> None:
    result = check(host, provider)
    assert not result.failed, result
    assert result.steps[-1].evidence == "GET /api/me ***"
    assert host.discover(call(provider), "things", None).items[0].name == "GET /api/things"
    wanted = WebhookRequest(
        url="https://hub.example/e", secret_ref="authref://file/hook", resource="r", events=("push",)
    )
    assert host.setup_webhook(call(provider), wanted).id == "PUT /api/hook ***"
    assert {("GET", "/api/me", CANARY), ("PUT", "/api/hook", HOOK)} <= set(Provider.seen)
    for token in (HOOK, "another"):
        delivery = Delivery(Headers([("X-Token", token)]), b"body", datetime.now(UTC))
        if token == HOOK:
            assert host.verify_event(call(provider), "authref://file/hook", delivery).resource == "body"
        else:
            with pytest.raises(EventRejected):
                host.verify_event(call(provider), "authref://file/hook", delivery)


def test_it_judges_configs(host: RemoteHost, provider: str) -> None:
    valid = host.validate("strange", {"endpoint": provider})
    assert (valid.category, valid.config["endpoint"]) == ("scm", provider)
    with pytest.raises(Invalid) as refused:
        host.validate("strange", {"endpoint": provider, "nothing": 1})
    assert [one.pointer for one in refused.value.violations] == ["/config/nothing"]
    assert (
        "client certificate"
        in check(host, provider.replace("http:", "https:"), clientCertificateRef="authref://file/token")
        .steps[0]
        .evidence
    )


def test_each_tenant_has_environments_of_its_own_and_secrets_go_only_with_the_second_call(
    host: RemoteHost, service: LambdaService, provider: str
) -> None:
    before = len(service.seen)
    check(host, provider)
    seen = [
        (tenant, CANARY.encode() in event) for name, tenant, event, _ in service.seen[before:] if name == "hub-plugin"
    ]
    assert seen == [("acme", False), ("acme", True)]
    assert {tenant for name, tenant, *_ in service.seen if name != "hub-plugin"} == {None}
    host.validate("strange", {"endpoint": provider})
    host.validate("strange", {"endpoint": provider})
    nobody = [tenant for name, tenant, *_ in service.seen if name == "hub-plugin" and tenant != "acme"]
    assert len(set(nobody)) == len(nobody) >= 2


def test_the_secret_is_in_no_answer_and_no_log(host: RemoteHost, service: LambdaService, provider: str) -> None:
    crashed = check(host, provider, crash=True)
    assert crashed.steps[-1].reason == "connector_crashed"
    assert CANARY not in repr(crashed)
    assert "I was given ***" in service.functions["hub-plugin"].log.read_text()
    assert CANARY not in service.logs()
    between = [event + answer for name, _, event, answer in service.seen if name != "hub-plugin"]
    assert CANARY.encode() not in b"".join(between)


@pytest.mark.parametrize(
    "given",
    [{"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, {"SECRET_BACKENDS": "{}"}, {"CONNECTOR_CALL_KEY": "k" * 32}],
)
def test_where_the_function_has_anything_of_the_hubs_the_stranger_is_not_even_loaded(
    given: dict[str, str], service: LambdaService, layers: list[Path]
) -> None:
    marker = layers[1] / "strange_connector" / "loaded"
    marker.unlink(missing_ok=True)
    name = f"hub-plugin-with-{next(iter(given)).lower().replace('_', '-')}"
    service.deploy(name, SOURCE, given, layers=layers)
    isolation = BackgroundLoop().submit(calls_to(client_of(service)).isolation([name])).result(60)
    assert (isolation.strangers, isolation.walls) == (Strangers.REFUSED, ())
    assert "no place for a stranger's connector" in (isolation.remedy or "")
    assert not marker.exists()


def calls_to(client: Any) -> FunctionCalls:
    return FunctionCalls(Limits(), lambda: client)


class Lying:
    """A function that answers whatever it likes."""

    def __init__(self, answer: object, **more: Any) -> None:
        self._answer, self._more = answer, more

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": io.BytesIO(json.dumps(self._answer).encode()), **self._more}


@pytest.mark.parametrize(
    "client",
    [
        Lying(None),
        Lying([]),
        Lying({}),
        Lying({"pluginAnswer": 7}),
        Lying({"pluginAnswer": "x" * (2 << 20)}),
        Lying({"pluginAnswer": '{"kind":"described"}'}),
        Lying({"pluginAnswer": '{"kind":"checked","steps":[]}'}),
        Lying({"errorMessage": CANARY}, FunctionError="Unhandled"),
    ],
)
def test_what_a_function_makes_up_is_the_connectors_fault(client: Lying) -> None:
    work = calls_to(client).ask(Stranger("p", Path(), "", function="p"), Describe(), NoGrants(), 5)
    with pytest.raises(CheckFailed) as failed:
        BackgroundLoop().submit(work).result(10)
    assert failed.value.reason == "connector_crashed"
    assert CANARY not in str(failed.value)


def test_no_process_is_started_for_a_stranger_there() -> None:
    work = calls_to(Lying({})).ask(Stranger("p", Path("/nowhere"), "m:C"), Describe(), NoGrants(), 5)
    with pytest.raises(CheckFailed) as failed:
        BackgroundLoop().submit(work).result(10)
    assert failed.value.reason == "connector_unconfined"
