"""One deployment's connectors behind each adapter of `ConnectorHost`: in this process, over HTTP, over Lambda."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from integrations_hub import bootstrap
from integrations_hub.health.ports import ConnectorHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.remote.call_key import CallKey
from integrations_hub.plugins.remote.host import Line, RemoteHost
from integrations_hub.plugins.remote.http_line import HttpLine
from integrations_hub.plugins.remote.lambda_line import LambdaLine
from tests.support.functions import FUNCTIONS
from tests.support.lambda_service import LambdaService, lambda_service
from tests.support.served_function import Served, served_function
from tests.support.strangers import hooks, install

__all__ = [
    "CANARY",
    "KEY",
    "TYPES",
    "Deployment",
    "RecordedLine",
    "call_key",
    "deployment",
    "here",
    "over_http",
    "over_lambda",
]

KEY = "an obviously fake key of calls 01"
CANARY = "not-a-real-secret-canary"
TYPES = ("docker-registry", "github", "gitlab", "harbor", "in-memory", "toy")


@dataclass(frozen=True)
class Deployment:
    """Where its plugins and secrets lie, and the environment of `run_connector`."""

    folder: Path
    environment: Mapping[str, str]

    def schema(self, type_: str) -> Mapping[str, Any] | None:
        """Return what `plugin_metadata` would say of a connector that is installed."""
        return next((one.config_schema for one in Plugins().scan() if one.type == type_), None)


def deployment(folder: Path) -> Deployment:
    """Write a deployment: an allow-listed connector with resources and webhooks, and the secrets of a tenant."""
    install(folder / "plugins", "toy-connector", hooks())
    (digest,) = [one.sha256 for one in Plugins([folder / "plugins"]).scan() if one.plugin_id == "toy-connector"]
    mine = folder / "secrets" / "acme"
    mine.mkdir(parents=True)
    (mine / "token").write_text(json.dumps({"token": CANARY}))
    (mine / "hook").write_text(json.dumps({"webhook_secret": CANARY}))
    return Deployment(
        folder,
        {
            "PLUGIN_PATHS": str(folder / "plugins"),
            "PLUGIN_ALLOW_LIST": f"toy-connector@{digest}",
            "DEVELOPMENT_SECRETS": "1",
            "SECRET_BACKENDS": json.dumps({"file": {"kind": "file", "root": str(folder / "secrets")}}),
            "CONNECTOR_CALL_KEY": KEY,
        },
    )


class RecordedLine:
    """A line that keeps what went over it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.said: list[bytes] = []

    def ask(self, type_: str, call: bytes) -> bytes:
        """Ask, and keep both."""
        answer = self.line.ask(type_, call)
        self.said += [call, answer]
        return answer


def call_key(key: str = KEY) -> CallKey:
    """Return the functions' key, by the real clock."""
    return CallKey([key], lambda: datetime.now(UTC))


@contextmanager
def here(deployed: Deployment) -> Iterator[ConnectorHost]:
    """Have the connectors in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in deployed.environment.items():
            patch.setenv(name, value)
        bootstrap.reset()
        path = list(sys.path)
        try:
            yield bootstrap._connectors().host
        finally:  # the next deployment is another one
            sys.path[:] = path
            sys.modules.pop("toy_connector", None)
            bootstrap.reset()


@contextmanager
def over_http(deployed: Deployment) -> Iterator[tuple[RemoteHost, RecordedLine, Served]]:
    """Have them in a functions-framework process."""
    with served_function("run_connector", deployed.folder, deployed.environment) as served:
        line = RecordedLine(HttpLine(served.url, call_key()))
        yield RemoteHost(TYPES, line, deployed.schema, at_once=4), line, served


@contextmanager
def over_lambda(deployed: Deployment) -> Iterator[tuple[RemoteHost, RecordedLine, LambdaService]]:
    """Have them in the Lambda runtime."""
    with lambda_service(deployed.folder) as service:
        for type_ in ("in-memory", "toy"):
            service.deploy(f"hub-run-connector-{type_}", FUNCTIONS / "run_connector", deployed.environment)
        client = boto3.client(
            "lambda",
            endpoint_url=service.url,
            region_name="eu-central-1",
            aws_access_key_id="not-a-real-key-id",
            aws_secret_access_key="not-a-real-key",
        )
        line = RecordedLine(LambdaLine("hub-run-connector-{type}", lambda: client))
        yield RemoteHost(TYPES, line, deployed.schema, at_once=4), line, service
