"""The connectors of one process: found, trusted or confined, and run. Each part is made when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from integrations_hub.catalog.plugin import Isolation
from integrations_hub.plugins.registry import Plugins

if TYPE_CHECKING:
    from integrations_hub.connector.from_child import Described
    from integrations_hub.connector.transport import Transport
    from integrations_hub.health.ports import ConnectorHost, CredentialSource
    from integrations_hub.loop import BackgroundLoop
    from integrations_hub.plugins.cage.keeper import Keeper
    from integrations_hub.plugins.canary import EgressCanary
    from integrations_hub.plugins.isolated import IsolatedHost
    from integrations_hub.plugins.isolated_call import IsolatedCalls, StrangerCalls
    from integrations_hub.plugins.own_function import FunctionCalls
    from integrations_hub.plugins.slots import Caps
    from integrations_hub.plugins.strangers import Stranger

__all__ = ["Connectors", "Finding"]


class Finding(Protocol):
    """Where connectors are looked for, which strangers are trusted, and how the others run."""

    @property
    def paths(self) -> str:
        """Return folders, separated by the system's path separator."""

    @property
    def allowed(self) -> str:
        """Return `distribution@sha256` entries, separated by commas."""

    @property
    def function_names(self) -> tuple[str, ...]:
        """Return strangers' own Lambda functions."""

    @property
    def unconfined(self) -> str:
        """Return `allow` where strangers may run without walls."""

    @property
    def isolated(self) -> int:
        """Return how many isolated children may run at once."""


class Connectors:
    """What a deployment's settings make of the connectors that are there.

    `on_lambda` no stranger runs in the hub's own functions.
    """

    def __init__(
        self,
        finding: Finding,
        credentials: Callable[[], CredentialSource],
        transport: Callable[[], Transport],
        loop: Callable[[], BackgroundLoop],
        *,
        caps: Caps,
        canary_url: str | None,
        on_lambda: bool,
    ) -> None:
        """Hold what makes the parts; nothing is made."""
        self._finding, self._credentials, self._transport, self._loop = finding, credentials, transport, loop
        self._caps, self._canary_url, self._on_lambda = caps, canary_url, on_lambda

    @cached_property
    def plugins(self) -> Plugins:
        """Return the connectors this process knows, strangers described by a child of their own."""
        paths = [Path(path) for path in self._finding.paths.split(os.pathsep) if path]
        allowed = frozenset(one.strip() for one in self._finding.allowed.split(",") if one.strip())
        functions = self._finding.function_names
        return Plugins(paths, allowed, lambda one: self._loop().submit(self._describe(one)), functions)

    @cached_property
    def host(self) -> ConnectorHost:
        """Return what runs them, each where it may."""
        from integrations_hub.plugins.hosts import HostByTrust  # noqa: PLC0415 - who only lists connectors runs none
        from integrations_hub.plugins.in_process import InProcessHost  # noqa: PLC0415 - as above
        from integrations_hub.plugins.observed import ObservedHost  # noqa: PLC0415 - as above

        trusted = InProcessHost(
            self.plugins,
            self._credentials(),
            self._transport(),
            self._loop(),
            caps=self._caps,
            canary=self._canary,
        )
        return ObservedHost(HostByTrust(self.plugins, trusted, lambda: self._isolated))

    def isolation(self) -> Isolation:
        """Return which walls stand around strangers here, or around the functions that are their own."""
        functions = self._finding.function_names
        work = self._function_calls.isolation(functions) if functions else self._keeper.isolation()
        return self._loop().submit(work).result()

    @cached_property
    def _isolated(self) -> IsolatedHost:
        from integrations_hub.plugins.isolated import IsolatedHost  # noqa: PLC0415 - few deployments have strangers

        elsewhere = self._finding.function_names  # functions of their own send their requests themselves
        canary = None if elsewhere else self._canary
        return IsolatedHost(self.plugins, self._credentials(), self._calls, self._loop(), canary)

    @cached_property
    def _canary(self) -> EgressCanary | None:
        from integrations_hub.plugins.canary import EgressCanary  # noqa: PLC0415 - as above

        return EgressCanary(self._canary_url, self._transport()) if self._canary_url else None

    async def _describe(self, stranger: Stranger) -> Described:
        from integrations_hub.plugins.isolated_call import describe  # noqa: PLC0415 - as above

        return await describe(self._calls, stranger)

    @cached_property
    def _calls(self) -> StrangerCalls:
        """Return what calls strangers: where they have functions of their own, no process is started for one."""
        return self._function_calls if self._finding.function_names else self._process_calls

    @cached_property
    def _function_calls(self) -> FunctionCalls:
        from integrations_hub.connector.transport import Limits  # noqa: PLC0415 - as above
        from integrations_hub.plugins.own_function import FunctionCalls  # noqa: PLC0415 - as above

        return FunctionCalls(Limits())

    @cached_property
    def _process_calls(self) -> IsolatedCalls:
        from integrations_hub.connector.transport import Limits  # noqa: PLC0415 - as above
        from integrations_hub.plugins.isolated_call import IsolatedCalls  # noqa: PLC0415 - as above

        return IsolatedCalls(self._keeper, self._transport(), Limits())

    @cached_property
    def _keeper(self) -> Keeper:
        from integrations_hub.plugins.cage.keeper import Keeper  # noqa: PLC0415 - as above

        return Keeper(
            concurrency=self._finding.isolated,
            allow_unconfined=self._finding.unconfined == "allow",
            on_lambda=self._on_lambda,
        )
