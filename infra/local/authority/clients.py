"""The programs that may ask for tokens, and what each may ask for."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from local.authority import state

__all__ = ["AUDIENCES", "SCOPES", "Client", "load_clients"]

AUDIENCES = ("integrations-hub", "stella-platform")
SCOPES = (
    *(f"integration:{right}" for right in ("read", "write", "operate", "admin", "audit", "platform")),
    *(f"{thing}:read" for thing in ("release", "promotion")),
    *(f"promotion:{right}" for right in ("write", "approve")),
)


@dataclass(frozen=True, slots=True)
class Client:
    """One client. Without `tenants` it may name any; its secret is not shown."""

    id: str
    secret: str
    tenants: tuple[str, ...] = ()
    scopes: tuple[str, ...] = SCOPES

    def proves_itself_with(self, secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.secret.encode(), secret.encode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        """Name the client without its secret."""
        return f"Client(id={self.id!r})"


def load_clients(path: Path, given: Sequence[Client] | None) -> Mapping[str, Client]:
    """Return the clients by id: the given ones, else those of the state folder, which begins with one `hub-dev`."""
    if given is None:
        kept = state.load(path)
        if kept is None:
            kept = [asdict(Client("hub-dev", secrets.token_urlsafe(24)))]
            state.save(path, kept)
        given = [Client(c["id"], c["secret"], tuple(c["tenants"]), tuple(c["scopes"])) for c in kept]
    return MappingProxyType({client.id: client for client in given})
