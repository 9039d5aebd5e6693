"""A registry that answers whatever a test says, header fields unchecked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

__all__ = ["OddAnswer", "OddRegistry", "Request"]


@dataclass(frozen=True)
class Request:
    """What was asked, and with which authorization."""

    method: str
    path: str
    query: str
    authorization: str = field(repr=False)


@dataclass(frozen=True)
class OddAnswer:
    """What is answered: a document as JSON, bytes as they are."""

    status: int = 200
    document: object = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """Return the body."""
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


@dataclass
class OddRegistry:
    """Asks `respond` what to answer, and keeps what was asked."""

    respond: Callable[[Request], OddAnswer]
    seen: list[Request] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        """Serve from a thread of its own."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_raised: object) -> None:
        """Stop, and free the port."""
        self._server.shutdown()
        self._server.server_close()


def _handler(registry: OddRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            request = Request(self.command, path, query, self.headers.get("Authorization", ""))
            registry.seen.append(request)
            answer = registry.respond(request)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.fields}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_said: object) -> None:
            """Say nothing: requests carry credentials."""

    return Handler
