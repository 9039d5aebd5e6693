"""Google Secret Manager for the official client: a gRPC server on loopback, built from the library's own protos."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import grpc
from google.cloud.secretmanager_v1 import types

__all__ = ["SecretManager", "secret_manager"]

_SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


@dataclass
class SecretManager:
    """What it holds by resource name, newest version last; what was asked; what it answers instead."""

    url: str = ""
    held: dict[str, list[tuple[bytes, datetime]]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    expires: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    instead: dict[str, grpc.StatusCode] = field(default_factory=dict)
    delay_s: float = 0.0

    def write(self, name: str, value: bytes) -> None:
        """Store a version."""
        self.held.setdefault(name, []).append((value, datetime.now(UTC)))

    def access(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer AccessSecretVersion."""
        time.sleep(self.delay_s)
        name, (value, _) = self._version("AccessSecretVersion", request.name, context)
        return types.AccessSecretVersionResponse(name=name, payload=types.SecretPayload(data=value))

    def version(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer GetSecretVersion."""
        name, (_, created) = self._version("GetSecretVersion", request.name, context)
        return types.SecretVersion(name=name, create_time=created)

    def secret(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer GetSecret."""
        self._noted("GetSecret", request.name, context)
        return types.Secret(name=request.name, expire_time=self.expires.get(request.name))

    def _version(self, call: str, wanted: str, context: grpc.ServicerContext) -> tuple[str, tuple[bytes, datetime]]:
        self._noted(call, wanted, context)
        name, _, version = wanted.partition("/versions/")
        versions = self.held.get(name, [])
        number = len(versions) if version == "latest" else int(version)
        if not 0 < number <= len(versions):
            context.abort(grpc.StatusCode.NOT_FOUND, "not-a-real-secret-1")
        if f"{name}/versions/{number}" in self.disabled:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "DESTROYED")
        return f"{name}/versions/{number}", versions[number - 1]

    def _noted(self, call: str, name: str, context: grpc.ServicerContext) -> None:
        self.asked.append(f"{call} {name}")
        if call in self.instead:
            context.abort(self.instead[call], "not-a-real-secret-1")


@contextmanager
def secret_manager() -> Iterator[SecretManager]:
    """Run one."""
    manager = SecretManager()
    calls: dict[str, tuple[Callable[..., Any], Any, Any]] = {
        "AccessSecretVersion": (manager.access, types.AccessSecretVersionRequest, types.AccessSecretVersionResponse),
        "GetSecretVersion": (manager.version, types.GetSecretVersionRequest, types.SecretVersion),
        "GetSecret": (manager.secret, types.GetSecretRequest, types.Secret),
    }
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            answer, request_deserializer=asked.deserialize, response_serializer=answered.serialize
        )
        for name, (answer, asked, answered) in calls.items()
    }
    server = grpc.server(ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    manager.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield manager
    finally:
        server.stop(0).wait()
