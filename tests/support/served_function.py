"""A function as Knative would run it: its own functions-framework process on loopback, and what it wrote."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from local.runner.data_folder import free_port
from tests.support.functions import FUNCTIONS

__all__ = ["Served", "served_function"]

_PROGRAM = "from functions_framework._cli import _cli; _cli()"
_START_S = 60


@dataclass(frozen=True)
class Served:
    """Where it is, and where its output goes."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/"

    def post(
        self, body: bytes, headers: Mapping[str, str], method: str = "POST", path: str = "/"
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@contextmanager
def served_function(
    name: str, folder: Path, environment: Mapping[str, str], port: int | None = None
) -> Iterator[Served]:
    """Serve `functions/<name>` by its face `http`, with an environment of its own, until the tests are over."""
    port = port or free_port(0)
    served = Served(port, folder / f"{name}.served.log")
    command = [
        *(sys.executable, "-c", _PROGRAM, "--target", "http", "--signature-type", "http"),
        *("--source", str(FUNCTIONS / name / "main.py"), "--host", "127.0.0.1", "--port", str(port)),
    ]
    with served.log.open("w") as output:
        process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdout=output, stderr=output)
    try:
        _await(process, served)
        yield served
    finally:
        process.terminate()
        process.wait()


def _await(process: subprocess.Popen[bytes], served: Served) -> None:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", served.port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"it does not serve: {served.log.read_text()[-2000:]}")
