"""The connectors this process can run: found once, then answered from memory until somebody scans again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock

from integrations_hub.catalog.plugin import PluginRecord
from integrations_hub.connector.contract import Connector, ConnectorConfig
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.observability.traces import span
from integrations_hub.plugins.discovery import (
    Describe,
    Found,
    describe_strangers,
    find_functions,
    find_trusted,
    one_of_each_type,
)
from integrations_hub.plugins.strangers import Stranger

__all__ = ["Plugins"]


class Plugins:
    """A `PluginCatalog` over entry points and configured folders; strangers describe themselves by `describe`.

    Whoever asks for a trusted connector does not wait for strangers.
    """

    def __init__(
        self,
        paths: Sequence[Path] = (),
        allowed: frozenset[str] = frozenset(),
        describe: Describe | None = None,
        functions: Sequence[str] = (),
    ) -> None:
        """Remember where to look; nothing is loaded before the first question."""
        self._paths = tuple(paths)
        self._functions = tuple(functions)
        self._allowed = allowed
        self._describe = describe
        self._trusted: Mapping[str, Connector[ConnectorConfig]] | None = None
        self._undescribed: Sequence[Found] = ()
        self._found: Sequence[Found] | None = None
        self._lock = RLock()

    def get(self, type_: str) -> Connector[ConnectorConfig] | None:
        """Return the trusted connector of a type; None when there is none."""
        with self._lock:
            if self._trusted is None:
                with span("discover_connectors", action="discover_connectors") as one:
                    found = [*find_trusted(self._paths, self._allowed), *find_functions(self._functions)]
                    self._undescribed = one_of_each_type(found)
                    one.attributes["found"] = len(self._undescribed)
                self._trusted = {one.connector.type: one.connector for one in self._undescribed if one.connector}
            return self._trusted.get(type_)

    def stranger(self, type_: str) -> Stranger | None:
        """Return the stranger's connector of a type; None when there is none."""
        return next((one.stranger for one in self._all() if one.stranger and one.record.type == type_), None)

    def refusal(self) -> CheckFailed | None:
        """Return why a stranger's connector does not run for want of walls; None where none is refused for that."""
        return next((one.unconfined for one in self._all() if one.unconfined), None)

    def types(self) -> Sequence[str]:
        """Return the known types, sorted."""
        return sorted(one.record.type for one in self._all() if one.record.type and (one.connector or one.stranger))

    def scan(self) -> Sequence[PluginRecord]:
        """Look again; return everything found, rejected ones too."""
        with self._lock:
            self._trusted, self._found = None, None
            return [one.record for one in self._all()]

    def _all(self) -> Sequence[Found]:
        with self._lock:
            if self._found is None:
                self.get("")  # the trusted ones come first: a type they have is theirs
                self._found = one_of_each_type(describe_strangers(self._undescribed, self._describe))
            return self._found
