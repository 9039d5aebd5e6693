"""The packaged stack deployed to an emulator, with a simulated Harbor to check, and those who call it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.aws.hub import EmulatedHub, emulated_hub
from local.simulated_harbor import Project, Robot, SimulatedHarbor
from tests.support.hub import API, Answer, outside_folder
from tests.support.waiting import eventually

__all__ = ["PASSWORD", "ROBOT", "Deployment", "deployment", "harbor_draft", "wait_for"]

ROBOT, PASSWORD = "robot$hub", "not-a-real-secret-1"
_WAIT_S = 100.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed hub, and a Harbor its connectors can reach."""

    hub: EmulatedHub
    harbor: SimulatedHarbor

    def client(self, service: str) -> Any:
        """Return a client of the emulator."""
        return self.hub.deployed.emulator.client(service)

    def call(
        self, method: str, path: str, token: str = "", body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request to the API as API Gateway would take it."""
        sent = {"Host": self.hub.deployed.host, **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        with closing(HTTPConnection(urlsplit(self.hub.deployed.emulator.url).netloc, timeout=60)) as connection:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def register(self, tenant: str, password: str = PASSWORD, **changes: Any) -> dict[str, Any]:
        """Keep a secret of a tenant and register the Harbor that it opens."""
        secret = json.dumps({"username": ROBOT, "password": password})
        self.client("secretsmanager").create_secret(Name=f"hub/{tenant}/harbor", SecretString=secret)
        answer = self.call("POST", API, self.hub.authority.mint(tenant), harbor_draft(self.harbor.url, **changes))
        assert answer.status == 201, answer.body
        registered: dict[str, Any] = answer.json()
        return registered


def harbor_draft(url: str, **changes: Any) -> dict[str, Any]:
    """Return the body that registers a Harbor."""
    config = {"endpoint": url}
    return {"type": "harbor", "name": "harbor", "config": config, "authRefUri": "authref://aws-sm/harbor", **changes}


@pytest.fixture(scope="module")
def deployment(built_stack: Path) -> Iterator[Deployment]:
    """Deploy the stack once for a module."""
    with outside_folder() as folder, _harbor() as harbor, emulated_hub(folder, built_stack) as hub:
        yield Deployment(hub, harbor)


@contextmanager
def _harbor() -> Iterator[SimulatedHarbor]:
    projects = [Project("library", public=True, repositories=("hello",)), Project("payments", repositories=("api",))]
    harbor = SimulatedHarbor(robots=[Robot(ROBOT, PASSWORD)], projects=projects)
    harbor.start()
    try:
        yield harbor
    finally:
        harbor.stop()


def wait_for(look: Callable[[], Any]) -> Any:
    """Look until there is something, which queues and schedules bring when they do."""
    return eventually(look, _WAIT_S, every_s=0.25)
