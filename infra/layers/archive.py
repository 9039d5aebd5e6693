"""Write a folder as a zip that is the same, byte for byte, whenever and wherever it is written."""

from __future__ import annotations

import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

__all__ = ["write_zip"]

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name


def write_zip(folder: Path, archive: Path) -> Path:
    """Write every file of a folder, in order of name, with one time and one mode; return the archive."""
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=9) as out:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = ZipInfo(file.relative_to(folder).as_posix(), _EARLIEST)
            entry.create_system, entry.compress_type = 3, ZIP_DEFLATED  # Unix, so that the mode counts
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            out.writestr(entry, file.read_bytes())
    return archive
