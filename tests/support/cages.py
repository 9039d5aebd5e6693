"""Strangers' connectors in cages: a host over one of them, somebody to attack, and a look at what is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from integrations_hub.connector.contract import CheckResult, Credential
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.health.ports import CheckJob, ConnectorCall
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.cage.keeper import Keeper
from integrations_hub.plugins.cage.readable import PACKAGES
from integrations_hub.plugins.canary import EgressCanary
from integrations_hub.plugins.isolated import IsolatedHost
from integrations_hub.plugins.isolated_call import IsolatedCalls, describe
from integrations_hub.plugins.registry import Plugins
from tests.support.strangers import describe_distribution
from tests.support.waiting import eventually

__all__ = [
    "CANARY",
    "TOKEN",
    "Cage",
    "OneSecret",
    "Victim",
    "bare_command",
    "cage_of",
    "children_at_work",
    "closed_cages",
    "evidence",
    "install_hostile",
    "job",
    "left_behind",
    "victim",
]

CANARY = "canary-of-somebody-else"
TOKEN = "not-a-real-secret-1"
HOSTILE = Path(__file__).parents[1] / "attacks" / "hostile" / "hostile_connector"
_PROCESS = f"""
import ctypes, time
held = ctypes.create_string_buffer(b"{CANARY}")
print(ctypes.addressof(held), flush=True)
time.sleep(600)
"""


@dataclass
class OneSecret:
    """A credential source with one secret, or none where the reference says so; notes where secrets were to go."""

    rotated: str | None = None
    allowed_hosts: tuple[str, ...] | None = None
    webhook: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        self.asked.append(target)
        if auth_ref_uri.endswith("missing"):
            raise CheckFailed(Reason.SECRET_UNAVAILABLE, "no such secret", "Store it.")
        return Credential({"token": Secret(TOKEN)}, self.allowed_hosts)

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        return CredentialFacts(revision="v:1")

    async def reachable(self, alias: str) -> bool:
        return True

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        return Credential({"token": Secret(self.rotated)}, self.allowed_hosts) if self.rotated else None

    async def webhook_credentials(self, tenant: str, auth_ref_uri: str) -> Sequence[Credential]:
        return [Credential({"webhook_secret": Secret(one)}) for one in self.webhook]

    async def reread_webhook_credentials(self, tenant: str, auth_ref_uri: str) -> Sequence[Credential] | None:
        return [Credential({"webhook_secret": Secret(self.rotated)})] if self.rotated else None


@dataclass(frozen=True)
class Cage:
    """A host whose only connectors are strangers'."""

    host: IsolatedHost
    plugins: Plugins
    secrets: OneSecret
    calls: IsolatedCalls
    loop: BackgroundLoop

    def attack(self, attack: str, endpoint: str = "https://hostile.example", **marks: Any) -> CheckResult:
        """Have the hostile connector attack, with a secret in its hands."""
        return self.check({"attack": attack, "marks": marks, "endpoint": endpoint}, "hostile")

    def check(self, config: dict[str, Any], type_: str = "toy", auth: str | None = "authref://file/one") -> CheckResult:
        wanted = CheckJob(tenant_id="acme", type=type_, config=config, auth_ref_uri=auth)
        return self.host.submit(wanted).result(60)

    def call(self, type_: str = "toy", config: dict[str, Any] | None = None) -> ConnectorCall:
        return ConnectorCall(tenant_id="acme", type=type_, config=config or {}, auth_ref_uri="authref://file/one")


def cage_of(
    folder: Path,
    *,
    check_s: float = 8.0,
    egress: str = "",
    secrets: OneSecret | None = None,
    canary_url: str | None = None,
    **keeper: Any,
) -> Cage:
    """Build a host over the distributions of a folder."""
    loop = BackgroundLoop()
    transport = Transport(EgressPolicy(parse_allow_list(egress)))
    calls = IsolatedCalls(Keeper(**{"concurrency": 4, **keeper}), transport, Limits(check_s=check_s))
    plugins = Plugins([folder], frozenset(), lambda stranger: loop.submit(describe(calls, stranger)))
    secrets = secrets or OneSecret()
    canary = EgressCanary(canary_url, transport) if canary_url else None
    cage = Cage(IsolatedHost(plugins, secrets, calls, loop, canary), plugins, secrets, calls, loop)
    _opened.append(cage)
    return cage


_opened: list[Cage] = []


@pytest.fixture(scope="module")
def closed_cages() -> Iterator[None]:
    """Close what the hub's side of a module's cages has opened."""
    yield
    while _opened:
        cage = _opened.pop()
        cage.loop.submit(cage.calls.transport.close()).result(5)


def install_hostile(folder: Path) -> Path:
    """Copy the hostile connector as a distribution into a folder; return its package."""
    package = folder / "hostile_connector"
    shutil.copytree(HOSTILE, package, ignore=shutil.ignore_patterns("__pycache__"))
    describe_distribution(folder, "hostile-connector", "hostile_connector", "Hostile")
    return package


def bare_command(folder: Path) -> list[str]:
    """Return what starts the same worker without any wall: what an attack takes there, the cage must deny."""
    modules = (sys.modules[name] for name in PACKAGES if name in sys.modules)
    found = (Path(str(module.__file__)) for module in modules)
    folders = sorted({str(file.parent.parent if file.name == "__init__.py" else file.parent) for file in found})
    program = (
        "import asyncio, sys; sys.path += sys.argv[1:]; "
        "from integrations_hub.connector.worker import serve; serve(asyncio.new_event_loop(), [])"
    )
    return [sys.executable, "-I", "-S", "-B", "-c", program, *folders, str(folder)]


@dataclass(frozen=True)
class Victim:
    """Another process of the hub's user, with a canary in its environment and at an address of its memory."""

    pid: int
    address: int


@contextmanager
def victim() -> Iterator[Victim]:
    """Run a process that has something to lose."""
    environment = {"CANARY": CANARY, "PATH": os.environ.get("PATH", "")}
    command = [sys.executable, "-I", "-S", "-c", _PROCESS]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Victim(process.pid, int(process.stdout.readline()))
        finally:
            process.kill()


def evidence(result: CheckResult) -> str:
    """Return what the step that decides has seen, or else the last."""
    assert result.steps, result
    return (result.decisive or result.steps[-1]).evidence


def job(attack: str, **marks: Any) -> CheckJob:
    """Return the check of another tenant's in which the hostile connector attacks."""
    config = {"attack": attack, "marks": marks, "endpoint": "https://hostile.example"}
    return CheckJob(tenant_id="other", type="hostile", config=config, auth_ref_uri="authref://file/other")


def children_at_work(within_s: float = 20.0) -> tuple[int, int]:
    """Wait until a supervisor and its child run behind their walls; return both."""
    return eventually(_behind_walls, within_s)


def _behind_walls() -> tuple[int, int] | None:
    for supervisor in psutil.Process().children():
        with suppress(psutil.Error):
            for child in supervisor.children():
                # the filter is the last wall: `Seccomp: 2`
                if "Seccomp:\t2" in Path(f"/proc/{child.pid}/status").read_text():
                    return supervisor.pid, child.pid
    return None


def left_behind(folder: Path, within_s: float = 5.0) -> list[str]:
    """Return the processes of a folder's cages that are still there; those just ended are given a moment to go."""
    ends = time.monotonic() + within_s
    while (found := _cages(folder)) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def _cages(folder: Path) -> list[str]:
    """Find them by their command line, which names the folder; whoever they were left to."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            line = process.cmdline()
            if str(folder) in line and "-I" in line:
                found.append(f"{process.pid}: {line[:3]}")
    return found
