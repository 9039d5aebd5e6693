"""Find connectors: by entry point in the hub's own environment, and in configured folders.

What is installed into the hub's environment already runs as the hub, so its entry points are built in. A
distribution found in a configured folder (the layout `pip install --target` leaves) is a stranger's: its code is
loaded only when the deployment allow-lists its name and the SHA-256 of its files. One bad plugin never stops the
others: it is reported with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module, metadata
from pathlib import Path

from integrations_hub.catalog.plugin import PluginRecord, PluginState, Trust
from integrations_hub.connector.contract import Connector, ConnectorConfig

__all__ = ["ENTRY_POINTS", "Found", "find_connectors"]

ENTRY_POINTS = "integrations_hub.connectors"


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that was found, with its connector when it can be used."""

    record: PluginRecord
    connector: Connector[ConnectorConfig] | None = None


def find_connectors(paths: Sequence[Path], allowed: frozenset[str]) -> Sequence[Found]:
    """Return every plugin of the environment and of `paths`, rejected ones too; the first of a type has it.

    `allowed` holds `distribution@sha256` entries.
    """
    found = [_built_in(point) for point in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda p: p.name)]
    found += [_stranger(point, path, allowed) for path in paths for point in _points_in(path)]
    return _one_of_each_type(found)


def _points_in(path: Path) -> Iterator[metadata.EntryPoint]:
    """Yield the connector entry points of the distributions that lie in a folder."""
    for distribution in metadata.distributions(path=[str(path)]):
        yield from distribution.entry_points.select(group=ENTRY_POINTS)


def _built_in(point: metadata.EntryPoint) -> Found:
    plugin_id = _name(point)
    try:
        package = Path(str(import_module(point.module).__file__)).parent
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - whatever a plugin's import raises is its report, not our fault
        return Found(_rejected(plugin_id, point.value, _import_failed(broken)))
    return _loaded(point, PluginRecord(plugin_id=plugin_id, path=point.value, trust=Trust.BUILT_IN), package)


def _stranger(point: metadata.EntryPoint, path: Path, allowed: frozenset[str]) -> Found:
    plugin_id, package = _name(point), path / point.module.split(".")[0]
    record = PluginRecord(plugin_id=plugin_id, path=str(path), trust=Trust.ALLOW_LISTED)
    if not package.is_dir():
        return Found(_rejected(plugin_id, str(path), f"its package {point.module} is not in the folder"))
    digest = _digest(package)
    if f"{plugin_id}@{digest}" not in allowed:
        reason = f"not allow-listed: to run it inside the hub, add {plugin_id}@{digest} to PLUGIN_ALLOW_LIST"
        return Found(replace(_rejected(plugin_id, str(path), reason), sha256=digest))
    if str(path) not in sys.path:
        sys.path.append(str(path))
    return _loaded(point, record, package)


def _loaded(point: metadata.EntryPoint, record: PluginRecord, package: Path) -> Found:
    """Load the connector class an entry point names and describe it."""
    try:
        kind = point.load()
        if not (isinstance(kind, type) and issubclass(kind, Connector)):
            return Found(_rejected(record.plugin_id, record.path, f"{point.value} is not a Connector"))
        connector: Connector[ConnectorConfig] = kind()
        return Found(_described(record, connector, _digest(package)), connector)
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - as above
        return Found(_rejected(record.plugin_id, record.path, _import_failed(broken)))


def _described(record: PluginRecord, connector: Connector[ConnectorConfig], digest: str) -> PluginRecord:
    return replace(
        record,
        type=connector.type,
        category=str(connector.category),
        version=connector.version,
        capabilities=tuple(sorted(connector.capabilities)),
        credential=connector.credential,
        config_schema=connector.config_schema(),
        sha256=digest,
    )


def _one_of_each_type(found: Sequence[Found]) -> Sequence[Found]:
    """Reject the second plugin that claims a type, naming the first."""
    owners: dict[str, str] = {}
    kept = []
    for one in found:
        kind = one.record.type
        if one.connector is None or kind is None:
            kept.append(one)
        elif kind in owners:
            reason = f"duplicate type {kind}: {owners[kind]} has it"
            kept.append(Found(replace(one.record, state=PluginState.REJECTED, rejected_reason=reason)))
        else:
            owners[kind] = one.record.plugin_id
            kept.append(one)
    return kept


def _name(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else point.name


def _rejected(plugin_id: str, path: str, reason: str) -> PluginRecord:
    return PluginRecord(plugin_id=plugin_id, path=path, state=PluginState.REJECTED, rejected_reason=reason)


def _import_failed(broken: Exception | SystemExit) -> str:
    return f"loading it failed with {type(broken).__name__}"


def _digest(package: Path) -> str:
    """Return the SHA-256 over a package's files: each name, size and content, in order of name; bytecode aside."""
    total = sha256()
    for file in sorted(p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        content = file.read_bytes()
        total.update(f"{file.relative_to(package).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()
