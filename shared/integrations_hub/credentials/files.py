"""Secrets in files below a folder: what Kubernetes mounts, and a developer's own.

A folder holds `{root}/{tenant}/{path}`: a file (JSON, text or bytes), or a folder with one file per field. Kubernetes
mounts a Secret as the latter (kubernetes.io/docs/concepts/storage/volumes/#secret), each key a link into `..data`.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.policy import tenant_path
from integrations_hub.credentials.ports import Reach, SecretValues, StoredSecret
from integrations_hub.credentials.values import as_text, read_bytes, read_document
from integrations_hub.credentials.versionless import Versionless

__all__ = ["FileBackend"]

_LARGEST = 65_536  # bytes of one file
_MOST_FIELDS = 64
_MOST_TURNS = 5


@dataclass(frozen=True, slots=True)
class FileBackend(Versionless):
    """Reads files. Links are followed as long as they stay inside the tenant's own folder."""

    alias: str
    root: Path
    kind: str = "file"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return what a file or a folder of files holds.

        Raises:
            SecretNotFound: there is none, or a version was asked for.
            SecretForbidden: it lies outside the tenant's folder, or may not be read.
        """
        self.refuse_version(version)
        root = self.root.resolve()
        own, found = root / tenant, self.place(tenant, path).resolve()
        # named exactly: a file system that folds case would let two tenants share a folder
        if not found.is_relative_to(own) or tenant not in _names(self.root):
            raise _missing(self.alias)
        try:
            values = self._folder(found) if found.is_dir() else read_bytes(_content(found))
        except (OSError, ValueError) as error:
            failure = self._explained(error)
        else:
            return StoredSecret(values)
        raise failure

    def place(self, tenant: str, path: str) -> Path:
        """Return where the secret lies.

        Raises:
            SecretForbidden, SecretNotFound: as `tenant_path` does.
        """
        return self.root.resolve() / tenant_path(self.alias, tenant, path)

    def probe(self) -> Reach:
        """Tell whether the folder is there, and whether the hub may write in it."""
        return Reach(self.root.is_dir(), self.root.is_dir() and os.access(self.root, os.W_OK))

    def _folder(self, folder: Path) -> SecretValues:
        """Return a folder's fields, all of one state: Kubernetes turns `..data` over while we read."""
        for _ in range(_MOST_TURNS):
            before = _state(folder)
            try:
                values = self._fields(folder)
            except FileNotFoundError:
                if _state(folder) == before:
                    raise
            else:
                if _state(folder) == before:
                    return values
        raise FileNotFoundError

    def _fields(self, folder: Path) -> SecretValues:
        own = folder.resolve()
        names = [name for name in sorted(_names(folder)) if not name.startswith(".")][:_MOST_FIELDS]
        files = {name: (folder / name).resolve() for name in names}
        return read_document(
            {
                name: _field(_content(file))
                for name, file in files.items()
                if file.is_relative_to(own) and file.is_file()
            }
        )

    def _explained(self, error: Exception) -> SecretUnavailable:
        if isinstance(error, PermissionError):
            return SecretForbidden(self.alias, "the secret may not be read", "Have the operator grant the hub access.")
        if isinstance(error, OSError):
            return _missing(self.alias)
        return SecretNotFound(self.alias, "the secret is over 64 KiB", "Store what the connector needs of it.")


def _missing(alias: str) -> SecretNotFound:
    return SecretNotFound(alias, "there is no such secret", "Store it, or correct the path in authRefUri.")


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except OSError:
        return frozenset()


def _state(folder: Path) -> str | None:
    try:
        return str((folder / "..data").readlink())
    except OSError:
        return None


def _field(content: bytes) -> str:
    text, is_text = as_text(content)
    return text.rstrip("\r\n") if is_text else text


def _content(file: Path) -> bytes:
    """Return a regular file's bytes.

    Raises:
        OSError: it cannot be read, or is no regular file: a pipe would never end.
        ValueError: it is too long.
    """
    if not stat.S_ISREG(file.stat().st_mode):
        raise FileNotFoundError
    with file.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError
    return content
