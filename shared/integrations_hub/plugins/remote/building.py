"""From a deployment's settings to connectors that run elsewhere, and to what answers for those that run here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from integrations_hub.catalog.plugin import PluginStore, Trust
from integrations_hub.catalog.secret_backends import BackendStatus
from integrations_hub.plugins.remote.answering import Answering
from integrations_hub.plugins.remote.call_key import CallKey
from integrations_hub.plugins.remote.calls import Calls
from integrations_hub.plugins.remote.host import Line, RemoteHost
from integrations_hub.plugins.remote.plugins import RemotePlugins

if TYPE_CHECKING:
    from integrations_hub.plugins.building import Connectors

__all__ = ["RemoteConnectors", "Where", "calls_of"]


class Where(Protocol):
    """Which types have a function, and how it is called."""

    @property
    def type_names(self) -> tuple[str, ...]:
        """Return the types."""

    @property
    def function(self) -> str | None:
        """Return the template of the Lambda functions' names."""

    @property
    def url(self) -> str | None:
        """Return the template of the Services' addresses."""

    @property
    def call_keys(self) -> tuple[str, ...]:
        """Return the keys of calls over HTTP, the one that signs first."""


class RemoteConnectors:
    """Connectors in functions of their own, as settings name them."""

    def __init__(
        self, where: Where, store: Callable[[], PluginStore], *, at_once: int, now: Callable[[], datetime]
    ) -> None:
        """Hold the parts; `store` is asked for where a config is judged or a function does not answer."""
        self._where, self._store, self._at_once, self._now = where, store, at_once, now

    @cached_property
    def host(self) -> RemoteHost:
        """Return what asks them."""
        return RemoteHost(self._where.type_names, self._line(), self._schema, at_once=self._at_once)

    @cached_property
    def plugins(self) -> RemotePlugins:
        """Return which there are, as they say themselves."""
        return RemotePlugins(self._where.type_names, self.host, lambda: self._store().active())

    def _line(self) -> Line:
        if self._where.function:
            from integrations_hub.plugins.remote.lambda_line import LambdaLine  # noqa: PLC0415 - one way is taken

            return LambdaLine(self._where.function)
        from integrations_hub.plugins.remote.http_line import HttpLine  # noqa: PLC0415 - as above

        return HttpLine(self._where.url or "", CallKey(self._where.call_keys, self._now))

    def _schema(self, type_: str) -> Mapping[str, Any] | None:
        """Return the published schema of a type; a stranger's could be made to take for ever, and is left to it."""
        records = self._store().active()
        return next(
            (one.config_schema for one in records if one.type == type_ and one.trust is not Trust.UNTRUSTED), None
        )


def calls_of(
    connectors: Connectors,
    probe: Callable[[], Mapping[str, BackendStatus]],
    keys: Sequence[str],
    now: Callable[[], datetime],
) -> Calls:
    """Return what answers calls for the connectors of this process, and for its secret backends."""
    answering = Answering(connectors.host, connectors.plugins, connectors.isolation, probe)
    return Calls(answering, CallKey(keys, now) if keys else None)
