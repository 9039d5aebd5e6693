"""A hub process that dies leaves no image of its memory, with the secrets in it, to be found or read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CANARY = "not-a-real-secret-" + "in-memory"
PROGRAM = """
import asyncio, ctypes, resource, signal, sys
from pathlib import Path

resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.building import build_secrets
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.settings import CredentialSettings

backends = '{"file": {"root": "secrets"}}'
if sys.argv[1] == "hub":
    source = build_secrets(CredentialSettings(SECRET_BACKENDS=backends, DEVELOPMENT_SECRETS=True), {}).resolver
else:
    source = Resolver(build_backends({"file": {"root": "secrets"}}, development=True))
kept = asyncio.run(source.resolve("acme", AuthRef.parse("authref://file/one"), host="h"))
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
signal.raise_signal(signal.SIGABRT)
"""


def died(folder: Path, who: str) -> tuple[list[str], bool, list[Path]]:
    """Have a process resolve a secret and abort; return what it said, whether it was dumped, and the dumps."""
    (folder / "secrets" / "acme").mkdir(parents=True)
    (folder / "secrets" / "acme" / "one").write_text(CANARY)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, who], cwd=folder, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        said = process.stdout.read().split()
        _, status, _ = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -signal.SIGABRT
    return said, os.WCOREDUMP(status), [file for file in folder.iterdir() if file.name != "secrets"]


@pytest.mark.skipif(sys.platform != "linux", reason="how a process is dumped is Linux's own")
def test_a_process_that_resolved_a_secret_is_not_dumped(tmp_path: Path) -> None:
    said, dumped, files = died(tmp_path / "hub", "hub")

    assert said == ["0", "0"]  # the limit, and PR_GET_DUMPABLE
    assert not dumped
    assert files == []


@pytest.mark.skipif(sys.platform != "linux", reason="how a process is dumped is Linux's own")
def test_the_attack_is_real(tmp_path: Path) -> None:
    """The same process without its wall can be dumped, and where dumps are files the secret is in one."""
    said, dumped, files = died(tmp_path / "other", "other")

    assert said[1] == "1"
    for file in files if dumped else []:
        assert CANARY.encode() in file.read_bytes()
