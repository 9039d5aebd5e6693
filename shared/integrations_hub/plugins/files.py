"""A plugin's files: the digest it is allow-listed by, and what has no place among them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

__all__ = ["digest_of", "irregular_file"]


def digest_of(package: Path) -> str:
    """Return the SHA-256 over a package's files: each name, size and content, in order of name; bytecode aside."""
    total = sha256()
    for file in sorted(p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        content = file.read_bytes()
        total.update(f"{file.relative_to(package).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def irregular_file(package: Path) -> str | None:
    """Return the name of a link, device or pipe in a package: its content would be somebody else's, or endless."""
    odd = (p for p in (package, *package.rglob("*")) if p.is_symlink() or not (p.is_file() or p.is_dir()))
    return next((p.name for p in odd), None)
