"""A plain HTTP proxy between two real parts: it writes down what passes, and can be told what to answer instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from time import sleep

import requests

__all__ = ["RecordingProxy", "recording_proxy"]


@dataclass
class RecordingProxy:
    """Where it listens, what passed (`GET /path`), and the status and headers it answers with instead, if any."""

    target: str
    url: str = ""
    passed: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    instead: tuple[int, dict[str, str], bytes] | None = None
    delay_s: float = 0.0

    def count(self, call: str) -> int:
        """Return how many calls contained a text."""
        return sum(call in one for one in self.passed)


@contextmanager
def recording_proxy(target: str, tls: SSLContext | None = None) -> Iterator[RecordingProxy]:
    """Run a proxy on loopback in front of `target`, behind TLS if given a context."""
    proxy = RecordingProxy(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            proxy.passed.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.bodies.append(body)
            sleep(proxy.delay_s)
            status, headers, content = proxy.instead or self._forwarded(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_LIST = do_GET  # noqa: N815 - names of the base class

        def _forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            kept = {
                name: value
                for name, value in self.headers.items()
                if name.lower().startswith(("x-vault", "x-amz", "authorization", "content-type"))
            }
            with requests.Session() as session:
                session.trust_env = False
                request = requests.Request(self.command, "http://x", headers=kept, data=body).prepare()
                request.url = proxy.target + self.path  # as it came: a client would tidy the path up
                answer = session.send(request, timeout=10, allow_redirects=False)
            headers = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
            return answer.status_code, headers, answer.content

        def handle(self) -> None:
            """Serve a connection; one that TLS refuses ends quietly."""
            with suppress(OSError):
                super().handle()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    proxy.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
