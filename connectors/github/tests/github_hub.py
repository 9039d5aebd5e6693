"""What the hub's engine does, around one GitHub connector and a simulated GitHub; and whether a secret shows anywhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from integrations_hub.connector.contract import Access, CheckResult, Credential, Probe, ResourcePage, WebhookOrder
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Limits, Sender, Transport
from integrations_hub.connector.redaction import Secret
from integrations_hub_github import GitHubConnector

from .simulated_github import Installation, RegisteredApp, Repository, SimulatedGitHub

__all__ = [
    "OTHER_PRIVATE",
    "OTHER_PUBLIC",
    "PRIVATE",
    "PUBLIC",
    "URL",
    "WEBHOOK_SECRET",
    "Hub",
    "credential",
    "everything",
    "generate",
    "simulated",
    "watched",
]

LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8"))
URL = "https://hub.example/api/v1/integrations/1/events"
WEBHOOK_SECRET = "not-a-real-webhook-secret-1"


def generate() -> tuple[str, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(), public


PRIVATE, PUBLIC = generate()
OTHER_PRIVATE, OTHER_PUBLIC = generate()


def credential(pem: str = PRIVATE) -> Credential:
    return Credential({"private_key": Secret(pem)})


class Hub:
    """One connector that lives as long as the test. `url` may be that of who stands before the simulated GitHub."""

    def __init__(self, github: SimulatedGitHub, url: str = "") -> None:
        self.github = github
        self.url = url or github.url
        self.connector = GitHubConnector()
        self.results: list[object] = []

    def config(self, **change: object):
        given = {"endpoint": self.url, "appId": 7, "installationId": 70, **change}
        config = self.connector.validate_config({name: value for name, value in given.items() if value is not None})
        # a root without /api/v3 is github.com's alone, which a test cannot be
        return config if self.github.server else config.model_copy(update={"endpoint": self.url})

    def check(self, with_credential: Credential | None = None, **change: object) -> CheckResult:
        (result,) = self.checks(1, with_credential or credential(), **change)
        return result

    def checks(self, count: int, with_credential: Credential, **change: object) -> list[CheckResult]:
        async def at_once(sender: Callable[[], Sender], config):
            return await asyncio.gather(*(self._check(config, sender(), with_credential) for _ in range(count)))

        return self._run(at_once, **change)

    def discover(self, cursor: str | None = None, **change: object):
        async def one(sender: Callable[[], Sender], config):
            access = Access(config, credential(), sender())
            return await self.connector.discover(access, "repositories", cursor)

        return self._run(one, **change)

    def order(self, resource: str | None = None, *events: str, secret: str = WEBHOOK_SECRET, **change: object):
        order = WebhookOrder(URL, Secret(secret), resource, events)

        async def one(sender: Callable[[], Sender], config):
            return await self.connector.setup_webhook(Access(config, credential(), sender()), order)

        return self._run(one, **change)

    async def _check(self, config, sender: Sender, with_credential: Credential) -> CheckResult:
        probe = Probe(config, with_credential, sender)
        with suppress(CheckFailed):
            await self.connector.check_health(probe)
        return probe.result()

    def _run(self, call: Callable[..., Awaitable[Any]], **change: object) -> Any:
        async def run() -> Any:
            config, transport = self.config(**change), Transport(LOOPBACK)
            endpoint, limits = self.connector.endpoint(config), Limits(check_s=10.0, request_s=5.0)
            try:
                return await call(lambda: Sender(transport, endpoint, limits), config)
            finally:
                await transport.close()

        try:
            self.results.append(asyncio.run(run()))
        except CheckFailed as failed:
            self.results.append((failed.args, failed.remedy))
            raise
        return self.results[-1]


def everything(hub: Hub) -> list[ResourcePage]:
    """Return every page of what the installation reaches."""
    pages = [hub.discover()]
    while pages[-1].next_cursor:
        pages.append(hub.discover(pages[-1].next_cursor))
    return pages


@contextmanager
def simulated(*, server: bool) -> Iterator[SimulatedGitHub]:
    """Run a GitHub that two Apps are installed at."""
    github = SimulatedGitHub(
        apps=[RegisteredApp(7, "Iv23abcdef", PUBLIC), RegisteredApp(8, "Iv23ghijkl", OTHER_PUBLIC, "other")],
        installations=[Installation(70, 7), Installation(80, 8, "globex")],
        repositories=[Repository(number, f"octocorp/service-{number}") for number in range(1, 4)],
        server=server,
    )
    github.start()
    try:
        yield github
    finally:
        github.stop()


@contextmanager
def watched(github: SimulatedGitHub, caplog: pytest.LogCaptureFixture, url: str = "") -> Iterator[Hub]:
    """Give a hub whose every result, and the log, is searched for each secret that crossed the wire, and the key."""
    caplog.set_level(logging.DEBUG)
    hub = Hub(github, url)
    yield hub
    keys = [*PRIVATE.splitlines()[1:-1], *OTHER_PRIVATE.splitlines()[1:-1]]
    secrets = {*github.credentials, *github.authority.tokens, *keys, WEBHOOK_SECRET}
    shown = f"{hub.results!r} {hub.connector.__dict__!r} {caplog.text}"
    assert hub.results
    assert [secret for secret in secrets if secret and secret in shown] == []
