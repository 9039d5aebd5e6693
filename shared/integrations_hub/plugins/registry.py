"""The connectors this process can run: found once, then answered from memory until somebody scans again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from integrations_hub.catalog.plugin import PluginRecord
from integrations_hub.connector.contract import Connector, ConnectorConfig
from integrations_hub.plugins.discovery import find_connectors

__all__ = ["Plugins"]


class Plugins:
    """A `PluginCatalog` over entry points and configured folders."""

    def __init__(self, paths: Sequence[Path] = (), allowed: frozenset[str] = frozenset()) -> None:
        """Remember where to look; nothing is loaded before the first question."""
        self._paths = tuple(paths)
        self._allowed = allowed
        self._connectors: Mapping[str, Connector[ConnectorConfig]] | None = None
        self._lock = Lock()

    def get(self, type_: str) -> Connector[ConnectorConfig] | None:
        """Return the connector of a type; None when there is none."""
        return self._known().get(type_)

    def types(self) -> Sequence[str]:
        """Return the known types, sorted."""
        return sorted(self._known())

    def scan(self) -> Sequence[PluginRecord]:
        """Look again; return everything found, rejected ones too."""
        found = find_connectors(self._paths, self._allowed)
        self._connectors = {one.connector.type: one.connector for one in found if one.connector}
        return [one.record for one in found]

    def _known(self) -> Mapping[str, Connector[ConnectorConfig]]:
        with self._lock:
            if self._connectors is None:
                self.scan()
            assert self._connectors is not None
            return self._connectors
