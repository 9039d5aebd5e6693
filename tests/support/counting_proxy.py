"""A proxy in front of PostgreSQL's socket that counts round trips: how often the client spoke after the server had."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_NAME = ".s.PGSQL.5432"
_FLUSH = b"H\x00\x00\x00\x04"  # psycopg's last word in a pipeline, after Sync: nobody waits for an answer to it


class CountingProxy:
    """Passes bytes both ways; `count()` returns the round trips since it was last asked."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = make_conninfo(dsn, host=str(folder))
        self._real = str(Path(str(conninfo_to_dict(dsn)["host"])) / _NAME)
        self._lock = threading.Lock()
        self._trips = 0
        self.said = b""  # by the client, since the server last spoke
        self._server_spoke = True
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _NAME))
        self._listener.listen()
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self) -> int:
        with self._lock:
            trips, self._trips = self._trips, 0
        return trips

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._real)
                self._open += [client, server]
                for source, target, is_client in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pump, args=(source, target), kwargs={"is_client": is_client}, daemon=True
                    ).start()

    def _pump(self, source: socket.socket, target: socket.socket, *, is_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if data != _FLUSH:
                    self._count(data, is_client=is_client)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _count(self, data: bytes, *, is_client: bool) -> None:
        with self._lock:
            self._trips += is_client and self._server_spoke
            if is_client:
                self.said = data if self._server_spoke else self.said + data
            self._server_spoke = not is_client


@contextmanager
def counting(dsn: str) -> Iterator[CountingProxy]:
    with tempfile.TemporaryDirectory(prefix="hub-proxy-") as folder:
        proxy = CountingProxy(dsn, Path(folder))
        try:
            yield proxy
        finally:
            proxy.close()
