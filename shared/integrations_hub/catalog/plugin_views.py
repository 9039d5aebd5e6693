"""Installed connectors on the wire."""

from __future__ import annotations

from typing import Any, Self

from integrations_hub.catalog.plugin import Isolation, PluginRecord, PluginReport, Strangers
from integrations_hub.views import Answer

__all__ = ["DiscoveryView", "IsolationView", "PluginView", "PluginsView"]


class PluginView(Answer):
    """An installed connector."""

    plugin_id: str
    type: str
    category: str
    version: str
    capabilities: list[str]
    credential: str
    trust: str
    sha256: str
    config_schema: dict[str, Any]

    @classmethod
    def of(cls, record: PluginRecord) -> Self:
        """Write an active plugin."""
        return cls.model_validate({name: getattr(record, name) for name in cls.model_fields})


class IsolationView(Answer):
    """The walls around untrusted connectors where this answer comes from; `missing` ones keep them from running."""

    strangers: Strangers
    walls: list[str]
    missing: list[str]
    remedy: str | None

    @classmethod
    def of(cls, isolation: Isolation) -> Self:
        """Write what stands."""
        return cls(
            strangers=isolation.strangers,
            walls=list(isolation.walls),
            missing=list(isolation.missing),
            remedy=isolation.remedy,
        )


class PluginsView(Answer):
    """The installed connectors, by type."""

    items: list[PluginView]
    isolation: IsolationView


class DiscoveryView(Answer):
    """What a discovery changed, by plugin id; `rejected` says why."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    rejected: dict[str, str]

    @classmethod
    def of(cls, report: PluginReport) -> Self:
        """Write a report."""
        return cls(
            added=list(report.added),
            changed=list(report.changed),
            removed=list(report.removed),
            rejected=dict(report.rejected),
        )
