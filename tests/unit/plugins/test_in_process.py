"""A check ends in time and as data, whatever the connector does, and what it says holds no secret of the call."""

from __future__ import annotations

import logging
import sys

import pytest

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.errors import Invalid
from integrations_hub.health.ports import CheckJob
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from tests.support.strangers import install, toy

CANARY = "not-a-real-secret-1"


class OneSecret:
    """A credential source with one secret, or none where the reference says so; `rotated` is what a second look finds."""

    def __init__(self) -> None:
        self.rotated: str | None = None

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        if auth_ref_uri.endswith("missing"):
            raise CheckFailed(Reason.SECRET_UNAVAILABLE, "no such secret", "Store it.")
        return Credential({"token": Secret(CANARY)})

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        return CredentialFacts("v:1")

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        return Credential({"token": Secret(self.rotated)}) if self.rotated else None


@pytest.fixture
def host_of(tmp_path, monkeypatch):
    """Return a function that builds a host over one toy connector doing what its source says."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)

    def build(check: str, *, check_s: float = 20, rotated: str | None = None) -> InProcessHost:
        install(tmp_path, "toy-connector", toy("toy", check))
        found = Plugins([tmp_path], frozenset()).scan()
        digest = next(one.sha256 for one in found if one.plugin_id == "toy-connector")
        plugins = Plugins([tmp_path], frozenset({f"toy-connector@{digest}"}))
        transport, secrets = Transport(EgressPolicy(())), OneSecret()
        secrets.rotated = rotated
        return InProcessHost(
            plugins, secrets, transport, BackgroundLoop(), caps=Caps(4, 4, 4), limits=Limits(check_s=check_s)
        )

    yield build
    for name in set(sys.modules) - before:
        sys.modules.pop(name, None)


def job(auth: str | None = "authref://file/toy") -> CheckJob:
    return CheckJob(tenant_id="acme", type="toy", config={}, auth_ref_uri=auth)


def test_a_check_that_returns_is_healthy(host_of):
    assert host_of("pass").submit(job()).result(5).reason is Reason.OK


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("raise RuntimeError('boom')", Reason.CONNECTOR_CRASHED),
        ("import asyncio\nraise asyncio.InvalidStateError", Reason.CONNECTOR_CRASHED),
        ("1 / 0", Reason.CONNECTOR_CRASHED),
        ("import asyncio\nawait asyncio.sleep(60)", Reason.TIMEOUT),
    ],
)
def test_a_faulty_connector_is_a_result(host_of, check, reason):
    result = host_of(check, check_s=0.2).submit(job()).result(5)
    assert result.failed
    assert result.reason is reason


def test_a_missing_secret_is_a_result(host_of):
    assert host_of("pass").submit(job("authref://file/missing")).result(5).reason is Reason.SECRET_UNAVAILABLE


def test_an_unknown_type_is_a_result(host_of):
    nameless = CheckJob(tenant_id="acme", type="gone", config={}, auth_ref_uri=None)
    assert host_of("pass").submit(nameless).result(5).reason is Reason.CONNECTOR_CRASHED


def test_a_config_the_connector_no_longer_accepts_is_a_result(host_of):
    old = CheckJob(tenant_id="acme", type="toy", config={"gone": 1}, auth_ref_uri=None)
    assert host_of("pass").submit(old).result(5).reason is Reason.INVALID_CONFIG


@pytest.mark.parametrize(
    "leak",
    [
        "text",
        "__import__('base64').b64encode(text.encode()).decode()",
        "__import__('urllib.parse').parse.quote(text)",
        "__import__('json').dumps(text)",
    ],
)
def test_what_a_connector_says_holds_no_secret_of_the_call(host_of, caplog, leak):
    caplog.set_level(logging.DEBUG)
    check = f"""
        from integrations_hub.connector.errors import CheckFailed
        from integrations_hub.connector.reasons import Reason, StepName
        text = probe.credential.fields["token"].reveal()
        async with probe.step(StepName.PRODUCT) as step:
            raise CheckFailed(Reason.SERVER_ERROR, "it said " + {leak}, "try " + {leak})
    """
    result = host_of(check).submit(job()).result(5)
    assert result.reason is Reason.SERVER_ERROR
    assert CANARY not in repr(result)
    assert "***" in result.steps[0].evidence
    assert CANARY not in caplog.text


def test_validation_names_the_known_types_and_never_repeats_the_input(host_of):
    host = host_of("pass")
    with pytest.raises(Invalid) as unknown:
        host.validate("not-installed", {})
    assert "toy" in unknown.value.violations[0].detail
    with pytest.raises(Invalid) as wrong:
        host.validate("toy", {"password": CANARY})
    assert wrong.value.violations[0].pointer.startswith("/config")
    assert CANARY not in repr(wrong.value.violations)


REJECTS_THE_OLD = f"""
    from integrations_hub.connector.errors import CheckFailed
    from integrations_hub.connector.reasons import Reason, StepName
    async with probe.step(StepName.AUTHENTICATE):
        if probe.credential.fields["token"].reveal() == "{CANARY}":
            raise CheckFailed(Reason.CREDENTIAL_REJECTED, "no", "renew it")
"""


@pytest.mark.parametrize(
    ("rotated", "reason"),
    [
        ("not-a-real-secret-2", Reason.OK),
        (CANARY, Reason.CREDENTIAL_REJECTED),
        (None, Reason.CREDENTIAL_REJECTED),
    ],
)
def test_a_rejected_secret_is_tried_once_more_when_it_was_rotated(host_of, rotated, reason):
    result = host_of(REJECTS_THE_OLD, rotated=rotated).submit(job()).result(5)
    assert result.reason is reason
    assert len(result.steps) == 1
