"""The programs that may ask for tokens, and what each may ask for."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from local.authority import state
from local.authority.scopes import IDE_SCOPES, SCOPES

__all__ = ["Client", "load_clients"]

_LOOPBACK = re.compile(r"(?P<host>http://(?:127\.0\.0\.1|\[::1\]))(?P<path>/.*)")
_PORT = r"(?::(?P<port>[1-9][0-9]{0,4}))?"
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Client:
    """One client. Without `tenants` it may name any; its secret is not shown.

    Without a secret it is a public one (RFC 6749 §2.1): a person signs in with it, nothing is given to it alone.
    """

    id: str
    secret: str
    tenants: tuple[str, ...] = ()
    scopes: tuple[str, ...] = SCOPES
    name: str = ""
    redirects: tuple[str, ...] = ()

    def proves_itself_with(self, secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.secret.encode(), secret.encode("utf-8", "surrogatepass"))

    def may_be_sent_to(self, uri: str) -> bool:
        """Compare with what is registered: character by character, but for the port on loopback (RFC 8252 §7.3)."""
        return any(uri == registered or _same_but_for_the_port(registered, uri) for registered in self.redirects)

    def __repr__(self) -> str:
        """Name the client without its secret."""
        return f"Client(id={self.id!r})"


_ON_LOOPBACK = ("http://127.0.0.1/callback", "http://[::1]/callback")
_VS_CODE = tuple(
    f"{scheme}://stella-ops.vscode-stella-ops/callback" for scheme in ("vscode", "vscode-insiders", "vscodium")
)
_INTERACTIVE = (
    Client(
        "vscode-stella-ops", "", scopes=IDE_SCOPES, name="Stella Ops for VS Code", redirects=_ON_LOOPBACK + _VS_CODE
    ),
    Client("jetbrains-stella-ops", "", scopes=IDE_SCOPES, name="Stella Ops for JetBrains IDEs", redirects=_ON_LOOPBACK),
)


def load_clients(path: Path, given: Sequence[Client] | None) -> Mapping[str, Client]:
    """Return the clients by id: the given ones, else the IDEs and those of the state folder, at first one `hub-dev`."""
    if given is None:
        kept = state.load(path)
        if kept is None:
            kept = [asdict(Client("hub-dev", secrets.token_urlsafe(24)))]
            state.save(path, kept)
        given = [*_INTERACTIVE, *(_read(client) for client in kept)]
    return MappingProxyType({client.id: client for client in given})


def _read(kept: Mapping[str, str | list[str]]) -> Client:
    return Client(**{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()})  # type: ignore[arg-type] # what asdict wrote


def _same_but_for_the_port(registered: str, uri: str) -> bool:
    loopback = _LOOPBACK.fullmatch(registered)
    if loopback is None:
        return False
    found = re.fullmatch(re.escape(loopback["host"]) + _PORT + re.escape(loopback["path"]), uri)
    return found is not None and int(found["port"] or 1) <= _LAST_PORT
