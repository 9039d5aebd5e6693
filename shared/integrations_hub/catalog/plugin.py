"""What the catalogue knows of an installed connector, and what it asks of whoever finds and keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from integrations_hub.connector.contract import Connector, ConnectorConfig, CredentialNeed

__all__ = [
    "Isolation",
    "PluginCatalog",
    "PluginFinder",
    "PluginRecord",
    "PluginReport",
    "PluginState",
    "PluginStore",
    "Strangers",
    "Trust",
]


class Trust(StrEnum):
    """Where a connector may run: built-in and allow-listed ones in process, any other in a cage."""

    BUILT_IN = "built-in"
    ALLOW_LISTED = "allow-listed"
    UNTRUSTED = "untrusted"


class PluginState(StrEnum):
    """Whether a found plugin is in use."""

    ACTIVE = "active"
    REJECTED = "rejected"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """One plugin as `plugin_metadata` keeps it. `plugin_id` is the distribution's name, or the path it was found at.

    `sha256` is over the plugin's files; a rejected plugin has its `rejected_reason` and may lack the rest.
    """

    plugin_id: str
    path: str
    state: PluginState = PluginState.ACTIVE
    type: str | None = None
    category: str | None = None
    version: str | None = None
    capabilities: tuple[str, ...] = ()
    credential: CredentialNeed = CredentialNeed.REQUIRED
    config_schema: Mapping[str, Any] = field(default_factory=dict)
    trust: Trust = Trust.UNTRUSTED
    sha256: str | None = None
    rejected_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginReport:
    """What a discovery changed, by plugin id; `rejected` says why."""

    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)


class Strangers(StrEnum):
    """How untrusted connectors run in this deployment."""

    CONFINED = "confined"
    UNCONFINED = "unconfined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Isolation:
    """The walls around untrusted connectors: which stand, which of the required ones are missing, and what to do."""

    strangers: Strangers
    walls: tuple[str, ...]
    missing: tuple[str, ...] = ()
    remedy: str | None = None


class PluginStore(Protocol):
    """Keeps `plugin_metadata`, which is the deployment's and no tenant's."""

    def sync(self, found: Sequence[PluginRecord]) -> PluginReport:
        """Make the table say exactly what was found: add, change, mark as removed; one transaction."""

    def active(self) -> Sequence[PluginRecord]:
        """Return the plugins in use, by type."""


class PluginFinder(Protocol):
    """Finds connectors, wherever they run."""

    def scan(self) -> Sequence[PluginRecord]:
        """Look again; return everything found, rejected ones too."""


class PluginCatalog(PluginFinder, Protocol):
    """The connectors this process can run."""

    def get(self, type_: str) -> Connector[ConnectorConfig] | None:
        """Return the connector of a type; None when there is none."""

    def types(self) -> Sequence[str]:
        """Return the known types, sorted."""
