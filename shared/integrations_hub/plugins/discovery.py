"""Find connectors: by entry point in the hub's own environment, and in configured folders.

What is installed into the hub's environment already runs as the hub, so its entry points are built in. A
distribution found in a configured folder (the layout `pip install --target` leaves) is a stranger's: its code is
loaded here only when the deployment allow-lists its name and the SHA-256 of its files; otherwise it describes itself
from inside a cage. One bad plugin never stops the others: it is reported with the reason.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from integrations_hub.catalog.plugin import PluginRecord, PluginState, Trust
from integrations_hub.connector.contract import Connector, ConnectorConfig
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.plugins.files import digest_of, irregular_file
from integrations_hub.plugins.strangers import Stranger

if TYPE_CHECKING:
    from integrations_hub.connector.from_child import Described

__all__ = [
    "ENTRY_POINTS",
    "Describe",
    "Found",
    "describe_strangers",
    "find_functions",
    "find_trusted",
    "one_of_each_type",
]

ENTRY_POINTS = "integrations_hub.connectors"
Describe = Callable[[Stranger], "Future[Described]"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_TARGET = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,255}:[A-Za-z_][A-Za-z0-9_.]{0,255}")


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that was found: with its connector when it runs here, as a stranger when it runs in a cage."""

    record: PluginRecord
    connector: Connector[ConnectorConfig] | None = None
    stranger: Stranger | None = None
    unconfined: CheckFailed | None = None


def find_trusted(paths: Sequence[Path], allowed: frozenset[str]) -> Sequence[Found]:
    """Return every plugin of the environment and of `paths`; those of strangers are not described yet.

    `allowed` holds `distribution@sha256` entries.
    """
    points = sorted(_installed(paths), key=lambda point: point.name)
    return [*map(_built_in, points), *(one for path in paths for one in _found_in(path, allowed))]


def find_functions(functions: Sequence[str]) -> Sequence[Found]:
    """Return strangers' plugins that are Lambda functions of their own, not described yet.

    Their files are nowhere to be read here: what stands for them is the SHA-256 of where they are.
    """
    return [_function(name) for name in functions]


def describe_strangers(found: Sequence[Found], describe: Describe | None) -> Sequence[Found]:
    """Have strangers describe themselves, all at once; without a cage none of them is used."""
    asked = [(one, describe(one.stranger) if one.stranger and describe else None) for one in found]
    return [_introduced(one, answer) if one.stranger else one for one, answer in asked]


def one_of_each_type(found: Sequence[Found]) -> Sequence[Found]:
    """Reject the second plugin that claims a type, naming the first."""
    owners: dict[str, str] = {}
    kept = []
    for one in found:
        kind = one.record.type
        if one.record.state is not PluginState.ACTIVE or kind is None:
            kept.append(one)
        elif kind in owners:
            reason = f"duplicate type {kind}: {owners[kind]} has it"
            kept.append(Found(replace(one.record, state=PluginState.REJECTED, rejected_reason=reason)))
        else:
            owners[kind] = one.record.plugin_id
            kept.append(one)
    return kept


def _installed(paths: Sequence[Path]) -> Iterator[metadata.EntryPoint]:
    """Yield the entry points of the environment; a configured folder that came onto the path is none of it."""
    folders = {path.resolve() for path in paths}
    for distribution in metadata.distributions():
        if Path(str(distribution.locate_file(""))).resolve() not in folders:
            yield from distribution.entry_points.select(group=ENTRY_POINTS)


def _found_in(path: Path, allowed: frozenset[str]) -> Sequence[Found]:
    """Return the plugins of a folder. It comes onto the hub's own path only when all of them are allow-listed."""
    found = [_judged(distribution, path, allowed) for distribution in metadata.distributions(path=[str(path)])]
    plugins = sorted((one for ones in found for one in ones), key=lambda one: one.record.plugin_id)
    strangers = [one.record.plugin_id for one in plugins if one.record.trust is not Trust.ALLOW_LISTED]
    if strangers:
        return [_beside(one, strangers) if one.record.trust is Trust.ALLOW_LISTED else one for one in plugins]
    if plugins and str(path) not in sys.path:
        sys.path.append(str(path))
    return [_loaded(one.record, one.stranger.target) if one.stranger else one for one in plugins]


def _judged(distribution: metadata.Distribution, path: Path, allowed: frozenset[str]) -> Sequence[Found]:
    """Return a distribution's plugins with the trust they have, loading nothing."""
    name, points = str(path), metadata.EntryPoints()
    try:
        name = distribution.metadata["Name"]
        points = distribution.entry_points.select(group=ENTRY_POINTS)
        targets = [f"{point.module}:{point.attr or ''}" for point in points]
    except Exception:  # noqa: BLE001 - what a stranger's metadata holds is its report, not our fault
        return [Found(_rejected(name, str(path), "bad manifest: its metadata or entry points cannot be read"))]
    if targets and not (isinstance(name, str) and _NAME.fullmatch(name) and all(map(_TARGET.fullmatch, targets))):
        return [Found(_rejected(str(path), str(path), "bad manifest: its name or entry point is malformed"))]
    return [_trusted(name, target, path, allowed) for target in targets]


def _function(name: str) -> Found:
    place = f"lambda:{name}"
    record = PluginRecord(plugin_id=name, path=place, sha256=sha256(place.encode()).hexdigest())
    return Found(record, stranger=Stranger(name, Path(), "", function=name))


def _trusted(name: str, target: str, path: Path, allowed: frozenset[str]) -> Found:
    package = path / target.partition(":")[0].split(".")[0]
    if not package.is_dir():
        return Found(_rejected(name, str(path), f"its package {package.name} is not in the folder"))
    if odd := irregular_file(package):
        return Found(_rejected(name, str(path), f"{odd} is no regular file"))
    digest = digest_of(package)
    record = PluginRecord(plugin_id=name, path=str(path), sha256=digest)
    if f"{name}@{digest}" in allowed:
        record = replace(record, trust=Trust.ALLOW_LISTED)
    elif any(one.startswith(f"{name}@") for one in allowed):
        reason = f"hash mismatch: its files are not those allow-listed; after a review, allow {name}@{digest}"
        return Found(replace(_rejected(name, str(path), reason), sha256=digest))
    return Found(record, stranger=Stranger(name, path, target))


def _beside(one: Found, strangers: Sequence[str]) -> Found:
    reason = f"it lies in one folder with {', '.join(strangers)}, not allow-listed; give it a folder of its own"
    return Found(replace(one.record, state=PluginState.REJECTED, trust=Trust.UNTRUSTED, rejected_reason=reason))


def _built_in(point: metadata.EntryPoint) -> Found:
    name = point.dist.name if point.dist else point.name
    record = PluginRecord(plugin_id=name, path=point.value, trust=Trust.BUILT_IN)
    try:
        package = Path(str(import_module(point.module).__file__)).parent
        return _loaded(replace(record, sha256=digest_of(package)), f"{point.module}:{point.attr}")
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - whatever a plugin's import raises is its report
        return Found(_rejected(name, point.value, _import_failed(type(broken).__name__)))


def _loaded(record: PluginRecord, target: str) -> Found:
    """Load the connector class an entry point names and describe it."""
    try:
        kind = metadata.EntryPoint("", target, ENTRY_POINTS).load()
        if not (isinstance(kind, type) and issubclass(kind, Connector)):
            return Found(_rejected(record.plugin_id, record.path, f"{target} is not a Connector"))
        connector: Connector[ConnectorConfig] = kind()
        return Found(_described(record, connector, connector.config_schema()), connector)
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - as above
        return Found(_rejected(record.plugin_id, record.path, _import_failed(type(broken).__name__)))


def _introduced(one: Found, answer: Future[Described] | None) -> Found:
    """Return a stranger as it describes itself, or why it is not used."""
    record = one.record
    if answer is None:
        named = f"{record.plugin_id}@{record.sha256}"
        reason = f"not allow-listed: to run it inside the hub, add {named} to PLUGIN_ALLOW_LIST"
        return Found(replace(_rejected(record.plugin_id, record.path, reason), sha256=record.sha256))
    try:
        said = answer.result()
    except CheckFailed as failure:
        reason = f"{failure.reason}: {failure.evidence}. {failure.remedy}"
        rejected = replace(_rejected(record.plugin_id, record.path, reason), sha256=record.sha256)
        return Found(rejected, unconfined=failure if failure.reason is Reason.CONNECTOR_UNCONFINED else None)
    assert one.stranger
    known = replace(
        one.stranger,
        type=said.type,
        category=said.category,
        credential=said.credential,
        capabilities=said.capabilities,
    )
    return Found(_described(record, said, said.config_schema), stranger=known)


def _described(
    record: PluginRecord, connector: Connector[ConnectorConfig] | Described, config_schema: dict[str, object]
) -> PluginRecord:
    return replace(
        record,
        type=connector.type,
        category=str(connector.category),
        version=connector.version,
        capabilities=tuple(sorted(connector.capabilities)),
        credential=connector.credential,
        config_schema=config_schema,
    )


def _rejected(plugin_id: str, path: str, reason: str) -> PluginRecord:
    return PluginRecord(plugin_id=plugin_id, path=path, state=PluginState.REJECTED, rejected_reason=reason)


def _import_failed(error: str) -> str:
    return f"loading it failed with {error}"
