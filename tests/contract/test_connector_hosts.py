"""One suite over every adapter of `ConnectorHost`: what a connector says is the same wherever it runs."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import CheckResult, Delivery, EventRejected
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.errors import Invalid
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, ConnectorHost, WebhookRequest
from tests.support.connector_hosts import CANARY, Deployment, deployment, here, over_http, over_lambda

TOKEN, MISSING, HOOK = "authref://file/token", "authref://file/missing", "authref://file/hook"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return deployment(tmp_path_factory.mktemp("deployment"))


@pytest.fixture(scope="module")
def expected(deployed: Deployment) -> Mapping[str, object]:
    with here(deployed) as host:
        return {name: outcome(host, act) for name, act in CASES.items()}


@pytest.fixture(scope="module", params=["http", "lambda"])
def remote(request: pytest.FixtureRequest, deployed: Deployment) -> Iterator[ConnectorHost]:
    over = {"http": over_http, "lambda": over_lambda}[request.param]
    with over(deployed) as (host, *_):
        yield host


Act = Callable[[ConnectorHost], object]


def outcome(host: ConnectorHost, act: Act) -> object:
    """Return what an act comes to, whichever way, without what differs from run to run."""
    try:
        found = act(host)
    except CheckFailed as failed:
        return failed.reason, failed.evidence, failed.remedy, failed.step, failed.retry_after_s, failed.cause
    except Invalid as invalid:
        return invalid.detail, invalid.violations
    except EventRejected:
        return "not proven"
    if isinstance(found, CheckResult):
        steps = tuple(replace(step, duration_ms=0.0) for step in found.steps)
        return replace(found, steps=steps, latency_ms=0.0)
    return found


def check(*script: dict[str, Any], sequence: int = 0, tenant: str = "acme") -> Act:
    job = CheckJob(tenant_id=tenant, type="in-memory", config={"script": script}, auth_ref_uri=None, sequence=sequence)
    return lambda host: host.submit(job).result(30)


def toy_check(auth: str | None, type_: str = "toy", tenant: str = "acme") -> Act:
    job = CheckJob(tenant_id=tenant, type=type_, config={}, auth_ref_uri=auth)
    return lambda host: host.submit(job).result(30)


def toy(config: dict[str, Any] | None = None, tenant: str = "acme", type_: str = "toy") -> ConnectorCall:
    return ConnectorCall(tenant_id=tenant, type=type_, config=config or {}, auth_ref_uri=TOKEN)


def discover(kind: str, cursor: str | None = None, **config: Any) -> Act:
    return lambda host: host.discover(toy(config), kind, cursor)


def webhook(secret: str = HOOK, call: ConnectorCall | None = None, **config: Any) -> Act:
    wanted = WebhookRequest(url="https://hub.example/e", secret_ref=secret, resource="thing-1", events=("push", "tag"))
    return lambda host: host.setup_webhook(call or toy(config), wanted)


def delivery(secret: str = CANARY, body: bytes = b"\xff\x00 a body", **headers: str) -> Act:
    signed = {"X-Signature": hmac.new(secret.encode(), body, "sha256").hexdigest(), **headers}
    given = Delivery(Headers(signed.items()), body, datetime(2030, 1, 1, tzinfo=UTC))
    return lambda host: host.verify_event(toy(), HOOK, given)


def look(auth: str) -> Act:
    known = CredentialFacts("v:1", datetime(2030, 1, 1, tzinfo=UTC))
    wanted = Look(integration_id=UUID(int=7), tenant_id="acme", type="toy", config={}, auth_ref_uri=auth, known=known)
    return lambda host: host.look(wanted).result(30) is None


def validate(config: dict[str, Any], type_: str = "in-memory") -> Act:
    return lambda host: host.validate(type_, config)


CASES: Mapping[str, Act] = {
    "healthy": check({"do": "healthy"}),
    "degraded": check({"do": "degraded", "reason": "quota_low"}),
    "unhealthy": check({"do": "unhealthy", "reason": "server_error", "retryAfterS": 7.5}, tenant="resting"),
    "the second check": check({"do": "flap"}, sequence=1),
    "crash": check({"do": "crash"}),
    "a secret": toy_check(TOKEN),
    "no secret": toy_check(MISSING),
    "a backend that is not there": toy_check("authref://nobody/token"),
    "another tenant's secret": toy_check(TOKEN, tenant="globex"),
    "no such type": toy_check(None, "nobody"),
    "a page": discover("things"),
    "a later page": discover("things", "4"),
    "no such kind": discover("nothings"),
    "a failing page": discover("things", fails="rate_limited"),
    "a crashing page": discover("things", fails="crash"),
    "a config it no longer takes": discover("things", nothing="x"),
    "no page of no such type": lambda host: host.discover(toy(type_="nobody"), "things", None),
    "a webhook": webhook(),
    "a webhook without its secret": webhook(MISSING),
    "a failing webhook": webhook(fails="permission_missing"),
    "a delivery": delivery(**{"X-Delivery": "d-1", "X-Kind": "tag"}),
    "a foreign delivery": delivery(**{"X-Kind": "foreign"}),
    "a delivery of nobody's": delivery("another secret"),
    "a delivery for no such tenant": lambda host: host.verify_event(
        toy(tenant="globex"), HOOK, Delivery(Headers(()), b"", datetime(2030, 1, 1, tzinfo=UTC))
    ),
    "a look": look(TOKEN),
    "a look at nothing": look(MISSING),
    "a backend that is back": lambda host: host.is_over("backend:file").result(30),
    "a backend that is away": lambda host: host.is_over("backend:nobody").result(30),
    "our own network": lambda host: host.is_over("egress").result(30),
    "a config": validate({"script": [{"do": "slow", "delayMs": 5}], "projects": ["a", "b"]}),
    "a config by default": validate({}),
    "a field too many": validate({"scripts": []}),
    "a field missing": validate({"script": [{"do": "slow"}]}),
    "no such kind of turn": validate({"script": [{"do": "nothing"}]}),
    "a pasted secret": validate({"projects": ["https://me:not-a-real-password@example.org/"]}),
    "no config of no such type": validate({}, "nobody"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_connector_says_the_same_wherever_it_runs(case: str, remote: ConnectorHost, expected) -> None:
    assert outcome(remote, CASES[case]) == expected[case]


def test_what_is_surely_wrong_is_told_at_the_same_places(remote: ConnectorHost, deployed: Deployment) -> None:
    """The sentences of a schema and of a model differ; where they point to does not."""
    configs: list[dict[str, Any]] = [
        {"projects": "a"},
        {"projects": ["a", 7]},
        {"script": []},
        {"projects": [""], "repositories": [None]},
    ]
    for config in configs:
        places = []
        with here(deployed) as host:
            for one in (host, remote):
                with pytest.raises(Invalid) as refused:
                    one.validate("in-memory", config)
                places.append({violation.pointer for violation in refused.value.violations})
        assert places[0] == places[1]


def test_results_show_no_secret(remote: ConnectorHost, expected) -> None:
    assert CANARY not in repr({name: outcome(remote, act) for name, act in CASES.items()})
    assert CANARY not in repr(expected)
