"""One built function under AWS's own runtime interface emulator and runtime client: nothing else is on its path.

The emulator speaks the Runtime API to `awslambdaric`, as Lambda does, and takes invocations over HTTP. It handles one
at a time, and prints when an initialisation began and ended. https://github.com/aws/aws-lambda-runtime-interface-emulator
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from local.aws.child import free_ports, stop, wait_for
from local.aws.tools import runtime_emulator, runtime_packages

__all__ = ["BuiltFunction", "Invocation", "RunningFunction"]

_STARTING_S = 10.0
_INVOKE = "/2015-03-31/functions/function/invocations"
# as Lambda sets them; the keys are nobody's, and at that address is nobody
_IDENTITY = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "not-a-real-key-id",
    "AWS_SECRET_ACCESS_KEY": "not-a-real-key",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}
_INIT = re.compile(rb"INIT REPORT\(durationMs: ([0-9.]+)\)")


@dataclass(frozen=True, slots=True)
class BuiltFunction:
    """A function as it is deployed: its folder, its layers' folders in order, and its configuration."""

    name: str
    folder: Path
    layers: Sequence[Path]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    handler: str = "main.lambda_handler"
    timeout_s: int = 29
    memory_mb: int = 512


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came back: the function's answer as it wrote it, or, when it failed, the error as the runtime told it."""

    payload: bytes
    failed: bool


class RunningFunction:
    """One execution environment; use it as a context manager."""

    def __init__(self, function: BuiltFunction, log: Path) -> None:
        """Hold what to run and where its output goes; nothing is started."""
        self._function, self._log = function, log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        """Start the emulator; the function itself is initialised by its first invocation.

        Raises:
            ToolMissing: a tool is not installed.
            OSError: the emulator did not come up.
        """
        self._port, runtime_port = free_ports(2)
        command = [
            str(runtime_emulator()),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
            # -S: no site-packages; what is not in the function or its layers is not there
            *(os.path.realpath(sys.executable), "-S", "-m", "awslambdaric", self._function.handler),
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self._function.folder, env=self._environment(), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_for(self._process, self._port, _STARTING_S, self._log)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def invoke(self, event: bytes) -> Invocation:
        """Invoke the function and wait for its answer; two callers wait for each other.

        Raises:
            OSError: the emulator is gone.
        """
        connection = HTTPConnection("127.0.0.1", self._port, timeout=self._function.timeout_s + _STARTING_S)
        with self._lock:
            try:
                connection.request("POST", _INVOKE, event)
                answer = connection.getresponse()
                payload = answer.read()
            except HTTPException as broken:
                raise OSError(f"{self._function.name}: the runtime ended; its output is in {self._log}") from broken
            finally:
                connection.close()
        return Invocation(payload, _is_error(payload))

    def init_ms(self) -> float | None:
        """Return how long the initialisation took, None before the first invocation."""
        found = _INIT.search(self._log.read_bytes())
        return float(found.group(1)) if found else None

    def peak_memory_mb(self) -> float | None:
        """Return the most memory the function's own process had, None where the system does not tell (Linux does)."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task")
        found = [
            int(peak.group(1))
            for task in children.glob("*/children")
            for child in task.read_text().split()
            if (peak := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{child}/status").read_text()))
        ]
        return max(found) / 1024 if found else None

    def stop(self) -> None:
        """Stop the emulator, which stops the function; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            stop(process)

    def _environment(self) -> dict[str, str]:
        function = self._function
        path = [*(layer / "python" for layer in function.layers), runtime_packages()]
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            **_IDENTITY,
            **function.environment,
            "PYTHONPATH": os.pathsep.join(str(folder.resolve()) for folder in path),
            "LAMBDA_TASK_ROOT": str(function.folder.resolve()),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_s),
        }


def _is_error(payload: bytes) -> bool:
    """Tell the runtime's report of an error from an answer; the emulator sends both with status 200."""
    try:
        answer = json.loads(payload)
    except ValueError:
        return True
    return isinstance(answer, dict) and "errorMessage" in answer and "statusCode" not in answer
