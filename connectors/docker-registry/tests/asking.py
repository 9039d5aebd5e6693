"""What the hub's engine has to do, and no more: build the probe or the access, ask, read what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from integrations_hub.connector.contract import Access, CheckResult, Credential, Probe, Resource
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.http import Sender, Transport
from integrations_hub.connector.redaction import Secret
from integrations_hub_docker_registry import DockerRegistryConnector

__all__ = ["LOGIN", "NOBODY", "PASSWORD", "PULL", "USER", "WRONG", "check", "pages", "verdict"]

USER, PASSWORD = "hub", "not-a-real-secret-canary-1"
LOGIN = Credential({"username": Secret(USER), "password": Secret(PASSWORD)})
WRONG = Credential({"username": Secret(USER), "password": Secret(f"{PASSWORD}-no")})
NOBODY = Credential()
PULL = "repository:team/app:pull"
_REGISTRY = DockerRegistryConnector()
_LOOPBACK = EgressPolicy(parse_allow_list("127.0.0.0/8,::1/128"))


def check(
    config: Mapping[str, object], credential: Credential = LOGIN, policy: EgressPolicy = _LOOPBACK
) -> CheckResult:
    """Check, and see that the password is nowhere in what came of it."""

    async def question(*parts: Any) -> CheckResult:
        probe = Probe(*parts)
        with suppress(CheckFailed):
            await _REGISTRY.check_health(probe)
        return probe.result()

    result: CheckResult = asyncio.run(_ask(config, credential, policy, question))
    assert PASSWORD not in repr(result)
    return result


def pages(config: Mapping[str, object], kind: str, credential: Credential = LOGIN) -> list[tuple[Resource, ...]]:
    """Return every page of a kind."""

    async def question(*parts: Any) -> list[tuple[Resource, ...]]:
        found: list[tuple[Resource, ...]] = []
        cursor = None
        while not found or cursor:
            page = await _REGISTRY.discover(Access(*parts), kind, cursor)
            found, cursor = [*found, page.items], page.next_cursor
        return found

    return asyncio.run(_ask(config, credential, _LOOPBACK, question))


def verdict(result: CheckResult) -> tuple[str, str]:
    """Return the step that decides, and its reason."""
    assert result.decisive
    return result.decisive.name, result.decisive.reason


async def _ask(
    config: Mapping[str, object], credential: Credential, policy: EgressPolicy, question: Callable[..., Awaitable[Any]]
) -> Any:
    valid, transport = _REGISTRY.validate_config(config), Transport(policy)
    try:
        return await question(valid, credential, Sender(transport, _REGISTRY.endpoint(valid)))
    finally:
        await transport.close()
