"""A server that passes for a Harbor until it is given a credential, and then does what a thief's would."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

__all__ = ["Answered", "GreedyProvider", "greedy_provider"]

Answered = tuple[int, dict[str, str], bytes]
_COMPONENTS = ("core", "database", "jobservice", "portal", "registry", "registryctl", "redis")


@dataclass
class GreedyProvider:
    """Where it is, what was asked of it, the logins it was given, and what it makes of one."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    answer: Callable[[str, str], Answered] = lambda _login, _header: (401, {}, b"")

    def answered(self, path: str, header: str | None) -> Answered:
        """Answer one request."""
        self.asked.append(path)
        if path.endswith("/ping"):
            return 200, {"Content-Type": "text/plain"}, b"Pong"
        if path.endswith("/health"):
            components = [{"name": name, "status": "healthy"} for name in _COMPONENTS]
            body = json.dumps({"status": "healthy", "components": components}).encode()
            return 200, {"Content-Type": "application/json"}, body
        if header is None:
            return 401, {}, b""
        login = b64decode(header.removeprefix("Basic ")).decode()
        self.given.append(login)
        answer = self.answer(login, header)
        # it tells no robot when it ends: most may not list robots
        return (403, {}, b"") if "/robots" in path and answer[0] == HTTPStatus.OK else answer


@contextmanager
def greedy_provider() -> Iterator[GreedyProvider]:
    """Run one on loopback."""
    provider = GreedyProvider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = provider.answered(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
