"""Secrets on the hub's own machine, for development: files below a folder, and environment variables.

A file backend holds `{root}/{tenant}/{path}`: a file (JSON or text), or a folder with one file per field.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.policy import environment_variable, tenant_path
from integrations_hub.credentials.ports import Reach, SecretValues, StoredSecret
from integrations_hub.credentials.values import read_document, read_text

__all__ = ["EnvironmentBackend", "FileBackend"]

_LARGEST = 65_536  # bytes of one file
_MOST_FIELDS = 64


@dataclass(frozen=True, slots=True)
class FileBackend:
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
        _refuse_version(self.alias, version)
        root = self.root.resolve()
        own, found = root / tenant, (root / tenant_path(self.alias, tenant, path)).resolve()
        # named exactly: a file system that folds case would let two tenants share a folder
        if not found.is_relative_to(own) or tenant not in _names(self.root):
            raise _missing(self.alias)
        try:
            values = self._folder(found) if found.is_dir() else read_text(_text(found))
        except (OSError, ValueError) as error:
            failure = self._explained(error)
        else:
            return StoredSecret(values)
        # raised here: a decoding error holds what it could not decode
        raise failure

    def probe(self) -> Reach:
        """Tell whether the folder is there, and whether the hub may write in it."""
        return Reach(self.root.is_dir(), self.root.is_dir() and os.access(self.root, os.W_OK))

    def _folder(self, folder: Path) -> SecretValues:
        own = folder.resolve()
        names = [name for name in sorted(_names(folder)) if not name.startswith(".")][:_MOST_FIELDS]
        files = {name: (folder / name).resolve() for name in names}
        return read_document(
            {
                name: _text(file).rstrip("\r\n")
                for name, file in files.items()
                if file.is_relative_to(own) and file.is_file()
            }
        )

    def _explained(self, error: Exception) -> SecretUnavailable:
        if isinstance(error, PermissionError):
            return SecretForbidden(self.alias, "the secret may not be read", "Have the operator grant the hub access.")
        if isinstance(error, OSError):
            return _missing(self.alias)
        return SecretNotFound(self.alias, "the secret is no UTF-8 text, or over 64 KiB", "Store it again as text.")


@dataclass(frozen=True, slots=True)
class EnvironmentBackend:
    """Reads variables from a mapping it was given; `policy.environment_variable` says what they are called."""

    alias: str
    environment: Mapping[str, str]
    kind: str = "env"

    def __repr__(self) -> str:
        """Name the backend, not its variables."""
        return f"EnvironmentBackend({self.alias!r})"

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return what a variable holds.

        Raises:
            SecretNotFound: it is not set, or a version was asked for.
        """
        _refuse_version(self.alias, version)
        text = self.environment.get(environment_variable(self.alias, tenant, path))
        if not text:
            raise _missing(self.alias)
        return StoredSecret(read_text(text))

    def probe(self) -> Reach:
        """Say yes: the environment is always there, and nothing is ever written to it."""
        return Reach(reachable=True)


def _refuse_version(alias: str, version: str | None) -> None:
    if version is not None:
        raise SecretNotFound(alias, "this backend keeps no versions", "Leave ?version out of authRefUri.")


def _missing(alias: str) -> SecretNotFound:
    return SecretNotFound(alias, "there is no such secret", "Store it, or correct the path in authRefUri.")


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except OSError:
        return frozenset()


def _text(file: Path) -> str:
    """Return a regular file's text.

    Raises:
        OSError: it cannot be read, or is no regular file: a pipe would never end.
        ValueError: it is not UTF-8, or too long.
    """
    if not stat.S_ISREG(file.stat().st_mode):
        raise FileNotFoundError
    with file.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError
    return content.decode("utf-8")
