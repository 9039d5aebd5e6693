"""What a child may read: Python and its libraries, the SDK's packages, its own folder. No data, no configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["PACKAGES", "package_folders", "readable_paths"]

# what the SDK is made of; a connector brings whatever else it needs in its own folder
PACKAGES = (
    "annotated_types",
    "integrations_hub",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
)

_LIBRARIES = ("/lib", "/usr/lib", "/usr/local/lib")
_OTHERS = ("/lib64", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")
_INSTALLED = {"site-packages", "dist-packages"}


def package_folders() -> list[str]:
    """Return the folders the SDK's packages lie in, as this process has them."""
    files = (sys.modules[name].__file__ for name in PACKAGES if name in sys.modules)
    return sorted({str(Path(file).parent if file.endswith("/__init__.py") else Path(file)) for file in files if file})


def readable_paths(standard_library: Sequence[str], packages: Sequence[str], plugin: str | None) -> Iterator[Path]:
    """Yield the files and folders a child may read, whatever lies below them included."""
    for folder in standard_library:
        yield from (Path(one) for one in _entries(folder) if one.name not in _INSTALLED)
    for folder in _LIBRARIES:
        yield from (Path(one) for one in _entries(folder) if one.name.endswith("-linux-gnu") or ".so" in one.name)
    yield from map(Path, _OTHERS)
    yield from (_sdk(Path(path)) for path in packages)
    if plugin is not None:
        yield Path(plugin)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _sdk(package: Path) -> Path:
    """Return of the hub's own package the part that is the SDK."""
    return package / "connector" if package.name == "integrations_hub" else package
