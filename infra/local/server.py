"""A threaded HTTP/1.1 server on 127.0.0.1: keep-alive, no patience for slow clients, a clean end.

werkzeug reads the request; its own server is not used further, because it closes every connection and reads whatever
a client sends after a body.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from dataclasses import dataclass
from socketserver import BaseServer
from typing import IO, TYPE_CHECKING, Any, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response
from werkzeug.wsgi import LimitedStream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["REQUEST_S", "RunningServer", "listen", "serve"]

REQUEST_S = 30.0  # in which a whole request must have arrived, the wait before it included
_SEND_S = 10.0
_GRACE_S = 3.0
_DRAINED = 1024 * 1024
_BODILESS = frozenset({204, 304})


class _Inbound(io.RawIOBase):
    """What a client sends, until its time is up: a byte now and then does not prolong it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._ends = 0.0

    def allow(self, seconds: float) -> None:
        """Give the client so many seconds from now."""
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(_SEND_S)


class _Handler(WSGIRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._inbound = _Inbound(self.connection)
        self.rfile = io.BufferedReader(self._inbound)

    def handle_one_request(self) -> None:
        self._inbound.allow(self.server.request_s)
        super().handle_one_request()

    def run_wsgi(self) -> None:
        """Answer one request; the connection stays open where nothing of the request is left on it."""
        with self.server.at_work:
            environ = self.make_environ()
            answer = Response.from_app(self.server.app, environ, buffered=True)
            body = answer.get_data()
            self.send_response(answer.status_code)
            bodiless = answer.status_code in _BODILESS
            for name, value in answer.headers.items():
                if not (bodiless and name == "Content-Type"):  # which `from_app` adds
                    self.send_header(name, value)
            if "Content-Length" not in answer.headers and not bodiless:
                self.send_header("Content-Length", str(len(body)))
            if self.close_connection or not _drained(environ):
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def make_environ(self) -> WSGIEnvironment:
        """Frame the body by its length. Without one, or with chunks, the connection ends after the answer."""
        environ = super().make_environ()
        if "HTTP_TRANSFER_ENCODING" in environ:
            self.close_connection = True
            return environ
        length = environ.get("CONTENT_LENGTH", "0")
        self.close_connection = self.close_connection or not length.isdecimal()
        environ["wsgi.input"] = LimitedStream(cast("IO[bytes]", self.rfile), int(length) if length.isdecimal() else 0)
        environ["wsgi.input_terminated"] = True
        return environ

    def version_string(self) -> str:
        return "integrations-hub"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: each function logs its own requests, and a request line may hold what belongs in no log."""


def _drained(environ: WSGIEnvironment) -> bool:
    """Read what is left of the body, when it is little; tell whether nothing is left."""
    body = environ["wsgi.input"]
    if not isinstance(body, LimitedStream) or body.limit - body.tell() > _DRAINED:
        return False
    try:
        body.exhaust()
    except ClientDisconnected:
        return False
    return True


class _AtWork:
    """Counts the requests being answered."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, seconds)


class _Server(ThreadedWSGIServer):
    """The listening socket and its connections."""

    def __init__(self, listening: socket.socket, app: WSGIApplication, request_s: float) -> None:
        self.at_work = _AtWork()
        self.request_s = request_s
        self._connections: set[socket.socket] = set()
        host, port = listening.getsockname()
        super().__init__(host, port, app, _Handler, fd=listening.fileno())
        listening.close()
        self.server_activate()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Stop listening, let the answers under way go out, then close the connections that stay open."""
        BaseServer.shutdown(self)
        self.at_work.wait_for_none(_GRACE_S)
        for connection in list(self._connections):
            _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server under way, and the thread that runs it."""

    url: str
    _server: _Server
    _thread: threading.Thread

    def stop(self) -> None:
        """Stop serving; answers under way get a few seconds."""
        self._server.end()
        self._thread.join()


def listen(port: int) -> socket.socket:
    """Take the port; who connects waits until it is served. 0 takes a free one.

    Raises:
        OSError: it is in use, or not ours to take.
    """
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()  # bound only, it could be taken a second time
    except OSError:
        taken.close()
        raise
    return taken


def serve(listening: socket.socket, app: WSGIApplication, *, request_s: float = REQUEST_S) -> RunningServer:
    """Serve from a thread of its own. A client has `request_s` seconds for each whole request."""
    server = _Server(listening, app, request_s)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="gateway", daemon=True)
    thread.start()
    return RunningServer(f"http://127.0.0.1:{server.port}", server, thread)
