"""The data folder: what survives a restart, one hub at a time, and what the other commands read of the running one."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local.authority.state import load, save
from local.server import listen

__all__ = ["CannotStart", "DataFolder", "Running", "free_port"]

_ROOT = 0
_DEFAULT = Path(".hub")  # the Makefile's, and make runs in its folder


class CannotStart(Exception):
    """The hub cannot be started, or asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where the running hub is."""

    pid: int
    url: str
    issuer: str


class DataFolder:
    """A folder of ours. Use it as a context to hold it; only one process can."""

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is touched yet."""
        self.path = path.expanduser().absolute()
        self.log = self.path / "hub.log"
        self.outage = self.path / "harbor-is-down"
        self.secrets = self.path / "secrets"
        self._state = self.path / "state.json"
        self._running = self.path / "running.json"
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Make the folder where there is none, and hold it.

        Raises:
            CannotStart: it cannot be written, or another hub holds it.
        """
        try:
            self._make()
            self._lock = (self.path / "hub.lock").open("a+", encoding="utf-8")
        except OSError as refused:
            raise CannotStart(
                f"The data folder {self.path} cannot be used ({refused.strerror}). "
                "Make it writable, or choose another: make run DATA_DIR=/path/to/folder"
            ) from None
        if not _held_by_us(self._lock):
            self._lock.close()
            raise CannotStart(self._already_running())
        self._running.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the folder; the system does so too when the process dies."""
        self._running.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()

    def make(self, target: str) -> str:
        """Return the command that has `make` do something with this folder, as it is typed into a shell."""
        if self.path == _DEFAULT.absolute():
            return f"make {target}"
        return f"make {target} {shlex.quote(f'DATA_DIR={self.path}')}"

    def announce(self, running: Running) -> None:
        """Let the other commands find the hub."""
        save(self._running, asdict(running))

    def running(self) -> Running:
        """Return where the running hub is.

        Raises:
            CannotStart: none runs on this folder.
        """
        found = self._found()
        if found is None or not self._is_held():
            raise CannotStart(f"No hub runs on {self.path}. Start one: {self.make('run')}")
        return found

    def receipt_key(self) -> str:
        """Return the key that signs test receipts, made at the first start."""
        state = self._read()
        if "receiptKey" not in state:
            save(self._state, {**state, "receiptKey": secrets.token_urlsafe(48)})
        return str(self._read()["receiptKey"])

    def port(self, name: str) -> int:
        """Return the port that bears a name, the same at every start; another one when a stranger has it now."""
        state = self._read()
        known = state.get(f"{name}Port", 0)
        port = free_port(int(str(known)))
        if port != known:
            save(self._state, {**state, f"{name}Port": port})
        return port

    def write_secret(self, tenant: str, path: str, fields: Mapping[str, str]) -> None:
        """Store a development secret where the backend `file` looks for a tenant's, readable by us only."""
        folder = self.secrets / tenant / path
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, value in fields.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(value)

    def _make(self) -> None:
        """Make the folder ours alone; as root, PostgreSQL's own user must be able to pass through it."""
        self.path.mkdir(mode=0o711 if os.geteuid() == _ROOT else 0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.path):
            pass

    def _read(self) -> Mapping[str, object]:
        try:
            state = load(self._state)
        except json.JSONDecodeError:
            raise CannotStart(f"{self._state} is damaged. Remove that file and start again.") from None
        return state if isinstance(state, dict) else {}

    def _found(self) -> Running | None:
        kept = load(self._running)
        return Running(**kept) if kept else None

    def _is_held(self) -> bool:
        with (self.path / "hub.lock").open("a+", encoding="utf-8") as lock:
            return not _held_by_us(lock)

    def _already_running(self) -> str:
        found = self._found()
        where = f" as process {found.pid}, at {found.url}" if found else ", and is starting or stopping"
        return (
            f"A hub already runs on {self.path}{where}. Stop it with Ctrl-C in its window, "
            "or start this one on another folder: make run PORT=8701 DATA_DIR=.hub-2"
        )


def free_port(wanted: int) -> int:
    """Return the wanted port when it is free, and any other free one when it is not."""
    try:
        with listen(wanted) as taken:
            return int(taken.getsockname()[1])
    except OSError:
        return free_port(0)


def _held_by_us(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
