"""The plugins' use cases: list what is installed, and look again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations_hub.catalog.plugin import Isolation, PluginFinder, PluginStore
from integrations_hub.catalog.plugin_views import DiscoveryView, IsolationView, PluginsView, PluginView

__all__ = ["PluginService"]


@dataclass(frozen=True, slots=True)
class PluginService:
    """The deployment's connectors; they belong to no tenant."""

    found: PluginFinder
    store: PluginStore
    isolation: Callable[[], Isolation]

    def discover_plugins(self) -> DiscoveryView:
        """Scan, make `plugin_metadata` say what was found, and report what changed."""
        return DiscoveryView.of(self.store.sync(self.found.scan()))

    def list_plugins(self) -> PluginsView:
        """Return the connectors in use, by type, and which walls stand around untrusted ones."""
        items = [PluginView.of(record) for record in self.store.active()]
        return PluginsView(items=items, isolation=IsolationView.of(self.isolation()))
