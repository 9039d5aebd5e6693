"""A stranger's connector reads, reaches, writes, starts and signals nothing that is not its own.

Each attack is tried twice: in a bare process, where it must succeed (an attack that cannot succeed proves nothing),
and in the cage, where it must be refused and the canary must not be seen.
"""

from __future__ import annotations

import os
import platform
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psutil
import pytest

from integrations_hub.connector.reasons import Reason
from tests.support.cages import (
    CANARY,
    TOKEN,
    Cage,
    Victim,
    bare_command,
    cage_of,
    children_at_work,
    evidence,
    install_hostile,
    job,
    left_behind,
    victim,
)

pytestmark = [
    pytest.mark.usefixtures("closed_cages"),
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
        reason="the cage's walls are Linux's: run `make test` on Linux",
    ),
]


@dataclass(frozen=True)
class Scene:
    """Somebody to attack: a process, files, servers, each with the canary."""

    victim: Victim
    files: Path
    port: int
    unix: str
    own: Path

    def marks(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the marks an attack names, by its parameters."""
        return {name.partition("=")[0]: self._mark(name) for name in names}

    def _mark(self, name: str) -> Any:
        return {
            "pid": self.victim.pid,
            "pid=hub": os.getpid(),
            "pid=everybody": -1,
            "address": self.victim.address,
            "length": len(CANARY),
            "descriptor": 1,
            "port": self.port,
            "host": "127.0.0.1",
            "url": f"http://127.0.0.1:{self.port}/",
            "path": str(self.files / "secret.txt"),
            "path=open": str(self.files / "open.txt"),
            "path=new": str(self.files / "new.txt"),
            "path=folder": str(self.files),
            "path=environ": f"/proc/{self.victim.pid}/environ",
            "path=around": f"/proc/self/../{self.victim.pid}/environ",
            "path=through": f"/proc/self/root{self.files}/open.txt",
            "path=maps": f"/proc/{self.victim.pid}/maps",
            "path=descriptors": f"/proc/{self.victim.pid}/fd",
            "path=passwd": "/etc/passwd",
            "path=shm": f"/dev/shm/{self.files.parent.name}",
            "path=tmp": f"/tmp/{self.files.parent.name}-written",
            "path=unix": self.unix,
        }[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    install_hostile(folder)
    return folder


@pytest.fixture(scope="module")
def caged(folder: Path) -> Cage:
    return cage_of(folder)


@pytest.fixture(scope="module")
def bare(folder: Path) -> Cage:
    return cage_of(folder, command=bare_command(folder), allow_unconfined=True)


@pytest.fixture
def scene(tmp_path: Path, folder: Path) -> Iterator[Scene]:
    files = tmp_path / "scene"
    files.mkdir()
    (files / "secret.txt").write_text(CANARY)
    (files / "secret.txt").chmod(0o600)
    (files / "open.txt").write_text(CANARY)
    (files / "open.txt").chmod(0o644)
    own = folder / "hostile_connector"
    with victim() as process, _serving(socket.create_server(("127.0.0.1", 0))) as server, _abstract() as unix:
        yield Scene(process, files, server.getsockname()[1], unix, own)
    for left in (Path("/dev/shm") / tmp_path.name, Path("/tmp") / f"{tmp_path.name}-written"):
        left.unlink(missing_ok=True)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with closing(connection):
            connection.sendall(f"HTTP/1.0 200 OK\r\n\r\n{CANARY}".encode())
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
            with suppress(OSError):
                connection.recv(4096)


@contextmanager
def _serving(server: socket.socket) -> Iterator[socket.socket]:
    """Send the canary to whoever connects."""
    with closing(server):
        thread = Thread(target=_serve, args=(server,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown(socket.SHUT_RDWR)  # which ends the wait for the next
            thread.join()


@contextmanager
def _abstract() -> Iterator[str]:
    """Serve the canary on an abstract unix socket; its name begins with NUL, written @."""
    name = f"hub-test-{uuid4()}"
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"\0{name}")
    server.listen()
    with _serving(server):
        yield f"@{name}"


# attack, marks, and what it takes or says where nothing stops it
READING = [
    ("read_file", ("path",), CANARY),
    ("read_file", ("path=open",), CANARY),
    ("read_file", ("path=through",), CANARY),
    ("read_file", ("path=environ",), CANARY),
    ("read_file", ("path=around",), CANARY),
    ("read_file", ("path=maps",), "[heap]"),
    ("read_file", ("path=passwd",), "root:"),
    ("list_folder", ("path=folder",), "secret.txt"),
    ("list_folder", ("path=descriptors",), "'1'"),
    ("read_memory_by_file", ("pid", "address", "length"), CANARY),
    ("read_memory_by_call", ("pid", "address", "length"), CANARY),
    ("import_the_hub", (), "environ"),
    ("watch_folder", ("path=folder",), "watching"),
]
REACHING = [
    ("connect", ("host", "port"), CANARY),
    ("fetch", ("url",), CANARY),
    ("connect_by_unix_socket", ("path=unix",), CANARY),
    ("listen", (), "listening"),
    ("make_pair", (), "pair"),
]
WRITING = [
    ("write_file", ("path=new",), "written"),
    ("write_file", ("path=open",), "written"),
    ("write_file", ("path=tmp",), "written"),
    ("write_file", ("path=shm",), "written"),
    ("append_to_own_code", (), "written"),
    ("make_folder", ("path=new",), "made"),
    ("link_file", ("path=new",), "linked"),
    ("make_pipe", ("path=new",), "made"),
    ("remove_file", ("path=open",), "removed"),
    ("rename_file", ("path=open",), "renamed"),
    ("change_mode", ("path=open",), "changed"),
    ("change_times", ("path=open",), "changed"),
    ("truncate_file", ("path=open",), "truncated"),
    ("write_to_memory_file", (), "made"),
    ("leave_shared_memory", (), "left"),
]
PROCESSES = [
    ("run_program", (), "was here"),
    ("spawn", (), "spawned"),
    ("fork", (), "forked"),
    ("start_thread", (), "was here"),
    ("signal_process", ("pid",), "may signal"),
    ("signal_process", ("pid=hub",), "may signal"),
    ("signal_process", ("pid=everybody",), "may signal"),
    ("signal_by_descriptor", ("pid",), "may signal"),
    ("signal_by_owner", ("pid",), "may signal"),
    ("trace", ("pid",), "may trace"),
    ("lower_limits", ("pid",), "may see"),
    ("pin", ("pid",), "may pin"),
]
# what only some machines, users and kernels would allow: there is no showing that it succeeds
WITHOUT_CONTROL = [
    ("read_file", ("path=environ",)),
    ("take_descriptor", ("pid", "descriptor")),
    ("open_by_handle", ("path=open",)),
    ("raw_socket", ()),
    ("replace_itself", ()),
    ("leave_group", ()),
    ("fork_bomb", ()),
    ("new_user_namespace", ()),
    ("load_program_into_kernel", ()),
    ("ring", ()),
    ("keyring", ()),
]
ATTACKS = [*READING, *REACHING, *WRITING, *PROCESSES]


def _id(row: object) -> str | None:
    return row if isinstance(row, str) else "-".join(row) if isinstance(row, tuple) else None


@pytest.mark.parametrize(("attack", "names", "loot"), ATTACKS, ids=_id)
def test_the_attack_succeeds_where_there_is_no_cage(bare: Cage, scene: Scene, attack, names, loot):
    if attack in {"read_memory_by_file", "read_memory_by_call", "trace"} and not _may_trace():
        pytest.skip("this kernel lets no process trace its equals: run the tests as root")
    own = (scene.own / "writing.py").read_text()
    try:
        assert loot in evidence(bare.attack(attack, **scene.marks(names)))
    finally:
        (scene.own / "writing.py").write_text(own)


@pytest.mark.parametrize(("attack", "names", "loot"), ATTACKS, ids=_id)
def test_the_cage_refuses_it(caged: Cage, scene: Scene, attack, names, loot):
    result = caged.attack(attack, **scene.marks(names))
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert "the connector failed with " in evidence(result)
    assert loot not in repr(result)
    assert CANARY not in repr(result)
    assert (scene.files / "open.txt").read_text() == CANARY
    assert (scene.files / "open.txt").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in scene.files.iterdir()) == ["open.txt", "secret.txt"]
    assert "# was here\n" not in (scene.own / "writing.py").read_text().splitlines(keepends=True)[-1]


@pytest.mark.parametrize(("attack", "names"), WITHOUT_CONTROL, ids=_id)
def test_the_cage_refuses_what_may_not_work_anywhere(caged: Cage, scene: Scene, attack, names):
    result = caged.attack(attack, **scene.marks(names))
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert "the connector failed with " in evidence(result)
    assert CANARY not in repr(result)


@pytest.mark.parametrize("host", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"])
def test_no_metadata_service_can_be_reached_directly(caged: Cage, host):
    result = caged.attack("connect", host=host, port=80)
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert "PermissionError" in evidence(result)


def test_the_hub_itself_cannot_be_read(caged: Cage):
    for path in ("environ", "maps", "mem", "fd/0", "cmdline"):
        result = caged.attack("read_file", path=f"/proc/{os.getpid()}/{path}")
        assert result.reason is Reason.CONNECTOR_CRASHED
        assert "PermissionError" in evidence(result)


def test_another_tenants_child_cannot_be_read_or_signalled(folder: Path, caged: Cage):
    other = cage_of(folder, check_s=60).host.submit(job("hang"))
    supervisor, child = children_at_work()
    for pid in (supervisor, child):
        for path in ("environ", "mem"):
            assert "PermissionError" in evidence(caged.attack("read_file", path=f"/proc/{pid}/{path}"))
        assert "PermissionError" in evidence(caged.attack("signal_process", pid=pid))
        assert "PermissionError" in evidence(caged.attack("trace", pid=pid))
    assert psutil.pid_exists(child)
    assert other.cancel()
    assert left_behind(folder) == []


def test_the_child_has_its_pipes_and_nothing_else(caged: Cage):
    with (Path(__file__)).open() as inherited:
        os.set_inheritable(inherited.fileno(), 1)
        assert evidence(caged.attack("read_own_descriptors")) == "pipe or socket"


def test_the_child_has_no_environment_and_is_nobody(caged: Cage):
    said = evidence(caged.attack("tell_itself"))
    assert "environment={}" in said.replace("{'LC_CTYPE': 'C.UTF-8'}", "{}")
    if os.geteuid() == 0:
        assert "uid=0" not in said
        assert "gid=0" not in said
        assert "groups=[]" in said
    # none, or the one that reads what lies in folders closed to others: effective, permitted, inheritable, and again
    assert "capabilities=[0, 0, 0, 0, 0, 0]" in said or "capabilities=[4, 4, 0, 0, 0, 0]" in said


def test_two_children_are_two_users(caged: Cage):
    if os.geteuid() != 0:
        pytest.skip("only a hub that is root can give each child a user: run the tests as root")
    one, other = (evidence(caged.attack("tell_itself")) for _ in range(2))
    assert one.split()[0] != other.split()[0]


def test_nobody_outlives_the_call(caged: Cage, folder: Path, tmp_path: Path):
    marker = tmp_path / "marker"
    result = caged.attack("outlive", path=str(marker))
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert left_behind(folder) == []
    assert not marker.exists()


def test_the_call_holds_the_secrets_of_the_call_only(caged: Cage):
    assert evidence(caged.attack("forget_the_secret")) == "1 fields: ['token']"
    assert TOKEN not in repr(caged.attack("tell_environment"))


def _may_trace() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not scope.exists() or scope.read_text().strip() == "0"
