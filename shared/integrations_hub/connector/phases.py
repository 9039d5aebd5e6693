"""The phases of one connection: resolve, connect, tls. How long each took, and which one is under way.

The current clock travels as a context variable, because the address guard and the TLS context are called from
below the HTTP library, in tasks that copy the context of the request they work for.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from integrations_hub.connector.egress import Refusal
from integrations_hub.connector.reasons import StepName

__all__ = ["CLOCK", "AddressInfo", "Phase", "PhaseClock", "TimedContext"]

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str | int, ...]]

CLOCK: ContextVar[PhaseClock] = ContextVar("phase_clock")


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase that ended well."""

    name: StepName
    duration_ms: float
    evidence: str


class PhaseClock:
    """The phases of one request's connection. `current` is the one under way, None before and after."""

    def __init__(self, proxy: str | None = None) -> None:
        """Start with nothing under way; `proxy` is what the request goes through, if anything."""
        self.proxy = proxy
        self.current: StepName | None = None
        self.refused: list[Refusal] = []
        self.tried: list[AddressInfo] = []
        self.sockets: list[socket.socket] = []  # of connections that have not yet served an answer
        self.handshake: ssl.SSLObject | None = None
        self.certificate_ends_at: datetime | None = None  # the server's, once it is verified
        self._ended: dict[StepName, Phase] = {}
        self._since = 0.0

    @property
    def ended(self) -> tuple[Phase, ...]:
        """Return the phases that ended well, in order."""
        return tuple(self._ended.values())

    def seek(self, *, by_address: bool) -> None:
        """Note that a connection begins: by a name to resolve, or an address.

        Of one to a proxy the library tells nothing before TLS.
        """
        if self.proxy:
            self.begin(StepName.CONNECT)
        elif not by_address:
            self.begin(StepName.RESOLVE)

    def begin(self, name: StepName) -> None:
        """Start a phase; one begun again, for the next address, is timed again."""
        self.current, self._since = name, perf_counter()

    def end(self, evidence: str) -> None:
        """End the phase under way."""
        if self.current:
            self._ended[self.current] = Phase(self.current, (perf_counter() - self._since) * 1000, evidence)
        self.current = None

    def refuse(self, refusal: Refusal) -> None:
        """Note that the name is resolved and this address is not connected to."""
        self._resolved()
        self.refused.append(refusal)

    def try_address(self, address: AddressInfo) -> None:
        """Note that the name is resolved and a TCP connection to this address begins."""
        self._resolved()
        self.tried.append(address)
        self.begin(StepName.CONNECT)

    def cut_off(self) -> None:
        """Shut down what did not come to an answer: a TLS goodbye would wait half a minute for the other side's."""
        while self.sockets:
            with suppress(OSError):  # closed by now
                self.sockets.pop().shutdown(socket.SHUT_RDWR)

    def shake_hands(self, handshake: ssl.SSLObject) -> None:
        """Note that TCP stands and TLS begins."""
        self.end(self._where())
        self.handshake = handshake
        self.begin(StepName.TLS)

    def connected(self) -> None:
        """Note that the connection is ready for a request."""
        # now, not when it is asked for: the library may have begun another handshake by then
        self.certificate_ends_at = _certificate_end(self.handshake)
        self.end(self._agreed() if self.current is StepName.TLS else self._where())

    def _resolved(self) -> None:
        if self.current is StepName.RESOLVE:
            self.end("the name has an address")

    def _where(self) -> str:
        # with several addresses in the race the library does not tell which won
        to = "the proxy at " if self.proxy else ""
        return f"TCP to {to}" + ", ".join(dict.fromkeys(str(address[0]) for *_, address in self.tried))

    def _agreed(self) -> str:
        ends = self.certificate_ends_at
        version = (self.handshake and self.handshake.version()) or "TLS"
        return f"{version}, certificate valid until {ends:%Y-%m-%d}" if ends else version


def _certificate_end(handshake: ssl.SSLObject | None) -> datetime | None:
    ends = ((handshake and handshake.getpeercert()) or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


class TimedContext(ssl.SSLContext):
    """A TLS context that tells the current clock when a handshake begins."""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the base class's signature
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a handshake, as asyncio does once TCP stands."""
        handshake = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        clock = CLOCK.get(None)
        if clock:
            clock.shake_hands(handshake)
        return handshake
