"""The plugins' use cases: list what is installed, and look again."""

from __future__ import annotations

from dataclasses import dataclass

from integrations_hub.catalog.plugin import PluginCatalog, PluginStore
from integrations_hub.catalog.plugin_views import DiscoveryView, PluginsView, PluginView

__all__ = ["PluginService"]


@dataclass(frozen=True, slots=True)
class PluginService:
    """The deployment's connectors; they belong to no tenant."""

    found: PluginCatalog
    store: PluginStore

    def discover_plugins(self) -> DiscoveryView:
        """Scan, make `plugin_metadata` say what was found, and report what changed."""
        return DiscoveryView.of(self.store.sync(self.found.scan()))

    def list_plugins(self) -> PluginsView:
        """Return the connectors in use, by type."""
        return PluginsView(items=[PluginView.of(record) for record in self.store.active()])
