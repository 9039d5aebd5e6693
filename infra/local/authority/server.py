"""Serve an Authority on 127.0.0.1, one thread per request."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from local.authority.authority import Authority

__all__ = ["RunningServer", "serve"]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds a silent client may hold a thread

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: a request line may hold what belongs in no log."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server under way, and the thread that runs it."""

    url: str
    _server: WSGIServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(authority: Authority, port: int = 0) -> RunningServer:
    """Serve in a thread of its own, on any free port by default. An Authority without an issuer takes the URL."""
    server = make_server("127.0.0.1", port, authority.wsgi_app, _Server, _Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    authority.issuer = authority.issuer or url
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="authority", daemon=True)
    thread.start()
    return RunningServer(url, server, thread)
