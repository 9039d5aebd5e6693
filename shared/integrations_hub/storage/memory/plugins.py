"""The installed connectors in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrations_hub.catalog.plugin import PluginRecord, PluginReport, PluginState
from integrations_hub.storage.memory.state import Memory
from integrations_hub.storage.plugins import compared

__all__ = ["MemoryPlugins"]


class MemoryPlugins:
    """Keeps `plugin_metadata` (`catalog.plugin.PluginStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def sync(self, found: Sequence[PluginRecord]) -> PluginReport:
        """Make the store say exactly what was found."""
        with self._memory.lock:
            stored = self._memory.state.plugins
            report, changes = compared(stored, found)
            stored |= {record.plugin_id: record for record in changes}
            stored |= {gone: replace(stored[gone], state=PluginState.REMOVED) for gone in report.removed}
        return report

    def active(self) -> Sequence[PluginRecord]:
        """Return the plugins in use, by type."""
        kept = [one for one in self._memory.state.plugins.values() if one.state is PluginState.ACTIVE]
        return sorted(kept, key=lambda one: (one.type or "", one.plugin_id))
