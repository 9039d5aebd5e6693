"""A small AWS Lambda on loopback: the Invoke API in front, the real runtime (`awslambdaric`) behind, one process each.

It speaks the Invoke API to boto3 (by `endpoint_url`) and the Runtime API to the runtime, and keeps what each function
wrote. A function runs in its own process with the environment it is given and nothing of the tests'.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from uuid import uuid4

import yarl

import integrations_hub

__all__ = ["LambdaService", "lambda_service", "shared_layer"]

_PROGRAM = "import sys; sys.argv[0] = 'awslambdaric'; from awslambdaric.__main__ import main; main(sys.argv)"
_WAIT_S = 60


@dataclass
class Invocation:
    """One event on its way to a function, and what came back: an answer, or an error."""

    event: bytes
    tenant: str | None
    id: str = field(default_factory=lambda: str(uuid4()))
    done: Queue[tuple[bytes, bool]] = field(default_factory=Queue)


@dataclass
class Deployed:
    """A function: where its code is, its environment, and what it is told next."""

    name: str
    process: subprocess.Popen[str]
    log: Path
    waiting: Queue[Invocation] = field(default_factory=Queue)
    running: dict[str, Invocation] = field(default_factory=dict)


@dataclass
class LambdaService:
    """Where it is, what is deployed, and every event and answer that went through."""

    folder: Path
    url: str = ""
    functions: dict[str, Deployed] = field(default_factory=dict)
    seen: list[tuple[str, str | None, bytes, bytes]] = field(default_factory=list)

    def deploy(
        self,
        name: str,
        source: Path,
        environment: Mapping[str, str],
        *,
        snap_start: bool = False,
        layers: Sequence[Path] = (),
    ) -> None:
        """Start the runtime over `main.lambda_handler` of a folder; with layers, they are all that it can import."""
        log = self.folder / f"{name}.log"
        # the runtime asks `/2018-06-01/…` of its address: an address each tells functions apart
        server = _serving(_runtime_of(self, name))
        started = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "PYTHONPATH": ":".join(map(str, (source, *layers))),
            "LAMBDA_TASK_ROOT": str(source),
            **({"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"} if snap_start else {}),
            **environment,
        }
        with log.open("w") as output:
            command = [sys.executable, *(["-S"] if layers else []), "-c", _PROGRAM, "main.lambda_handler"]
            process = subprocess.Popen(command, env=started, cwd=source, stdout=output, stderr=output, text=True)
        self.functions[name] = Deployed(name, process, log)

    def logs(self) -> str:
        """Return what every function wrote."""
        return "\n".join(one.log.read_text() for one in self.functions.values())


def shared_layer(folder: Path) -> Path:
    """Make a layer of what is installed here, the hub itself among it, and no connector."""
    site = Path(yarl.__file__).parents[1]
    folder.mkdir()
    for entry in site.iterdir():
        if not entry.name.startswith("integrations_hub") and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    (folder / "integrations_hub").symlink_to(Path(integrations_hub.__file__).parent)
    return folder


@contextmanager
def lambda_service(folder: Path) -> Iterator[LambdaService]:
    """Run it until the tests are over, and end every function."""
    service = LambdaService(folder)
    server = _serving(_front_of(service))
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        for one in service.functions.values():
            one.process.kill()
            one.process.wait()
        server.shutdown()
        server.server_close()


def _serving(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class _Plain(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def tell(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _front_of(service: LambdaService) -> type[BaseHTTPRequestHandler]:
    """Return the Invoke API: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html."""

    class Front(_Plain):
        def do_POST(self) -> None:
            found = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", self.path)
            event, tenant = self.body(), self.headers.get("X-Amz-Tenant-Id")
            function = service.functions.get(found[1]) if found else None
            if function is None:
                missing = {"x-amzn-ErrorType": "ResourceNotFoundException"}
                self.tell(404, b'{"Type": "User", "Message": "Function not found"}', missing)
                return
            invocation = Invocation(event, tenant)
            function.waiting.put(invocation)
            answer, failed = _outcome(function, invocation)
            service.seen.append((function.name, tenant, event, answer))
            self.tell(200, answer, {"X-Amz-Function-Error": "Unhandled"} if failed else {})

    return Front


def _outcome(function: Deployed, invocation: Invocation) -> tuple[bytes, bool]:
    """Return what came back and whether it is an error; a function that ended, or takes too long, has one."""
    ends = time.monotonic() + _WAIT_S
    while function.process.poll() is None and time.monotonic() < ends:
        with suppress(Empty):
            return invocation.done.get(timeout=0.2)
    return b'{"errorType": "Sandbox.Timedout"}', True


def _runtime_of(service: LambdaService, name: str) -> type[BaseHTTPRequestHandler]:
    """Return the Runtime API of one function."""

    class Runtime(_Plain):
        def do_GET(self) -> None:
            if self.path.endswith("/restore/next"):
                self.tell(200)
                return
            invocation = self._function().waiting.get()
            self._function().running[invocation.id] = invocation
            headers = {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 30) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:eu-central-1:000000000000:function:{name}",
            }
            self.tell(200, invocation.event, headers)

        def do_POST(self) -> None:
            body, (*_, id_, what) = self.body(), self.path.split("/")
            if id_ in self._function().running:
                self._function().running.pop(id_).done.put((body, what == "error"))
            self.tell(202, b"{}")

        def _function(self) -> Deployed:
            while name not in service.functions:
                time.sleep(0.01)
            return service.functions[name]

    return Runtime
