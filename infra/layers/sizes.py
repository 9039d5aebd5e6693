"""How large a layer is, against what Lambda takes: 250 MB unzipped, for a function and all its layers together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Size", "table"]

_MB = 1_000_000


class Size(NamedTuple):
    """One layer: bytes on disk and zipped, and whether it brings bytecode."""

    name: str
    unzipped: int
    zipped: int
    bytecode: bool

    @classmethod
    def of(cls, name: str, folder: Path, archive: Path) -> Size:
        """Measure a layer."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        total, compiled = sum(path.stat().st_size for path in files), any(path.suffix == ".pyc" for path in files)
        return cls(name, total, archive.stat().st_size, compiled)


def table(sizes: Sequence[Size]) -> Iterator[str]:
    """Yield a line per layer."""
    yield f"{'layer':<20} {'unzipped':>10} {'zipped':>10}  bytecode"
    for size in sizes:
        shown = "yes" if size.bytecode else "no"
        yield f"{size.name:<20} {size.unzipped / _MB:>7.2f} MB {size.zipped / _MB:>7.2f} MB  {shown}"
