"""Servers on loopback that do exactly one thing to whoever connects, and end by themselves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

__all__ = ["Listener", "answering", "listening", "read_head"]

_LONGEST_S = 15.0  # no test waits as long; a server that nobody stops is gone by then


@dataclass
class Listener:
    """Where it listens, how many connected, and every byte it was sent that somebody read."""

    host: str
    port: int
    connections: int = 0
    received: list[bytes] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)

    @property
    def authority(self) -> str:
        """Return `host:port` as a URL has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Act = Callable[[socket.socket, Listener], None]


@contextmanager
def listening(
    act: Act | None = None, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Run `act(connection, listener)` for each connection, in a thread of its own; without one, only count them."""
    server = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener = Listener(host, server.getsockname()[1])
    opened: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(_LONGEST_S)
            if tls:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                if act:
                    act(connection, listener)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                listener.connections += 1
                opened.append(connection)
                Thread(target=serve, args=(connection,), daemon=True).start()

    accepting = Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener
    finally:
        listener.stopping.set()
        for one in (server, *opened):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        accepting.join()


def read_head(connection: socket.socket, listener: Listener) -> bytes:
    """Read a request's head; empty when the other side has closed."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    listener.received.append(head)
    return head


def answering(answer: bytes) -> Act:
    """Return an act that gives every request the same answer."""

    def act(connection: socket.socket, listener: Listener) -> None:
        while read_head(connection, listener):
            connection.sendall(answer)

    return act
