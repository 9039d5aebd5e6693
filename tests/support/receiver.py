"""An HTTP receiver of events on loopback that answers what it is told, plain or over TLS, and keeps what came."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

__all__ = ["Received", "Receiver"]


class Received(NamedTuple):
    """One request; header names are lower-cased."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers `status` with `headers` after `takes_s`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.status, self.headers, self.takes_s = 200, dict[str, str](), 0.0
        self.got: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Received(self.path, headers, body))
                time.sleep(receiver.takes_s)
                self.send_response(receiver.status)
                for name, value in {**receiver.headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"

    @property
    def url(self) -> str:
        """Return the address of a hook."""
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}/hooks/hub"

    def reset(self) -> None:
        """Answer 200 at once, and forget what came."""
        self.status, self.headers, self.takes_s = 200, {}, 0.0
        self.got.clear()

    @contextmanager
    def serving(self) -> Iterator[Receiver]:
        """Serve until left."""
        thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()
