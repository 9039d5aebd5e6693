"""Endpoints as people write them, taken apart without any I/O and refused with a sentence when in doubt.

Two programs that read one URL differently are how a credential reaches the wrong host, so everything on which
readers are known to differ (userinfo, `%`, backslash, `;`, dot segments, control characters) is refused, not repaired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

__all__ = ["EndpointParts", "proxy_url", "split_endpoint"]

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/]*)(?P<path>/.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LONGEST = 2048
_FORBIDDEN = {
    "@": "a user name or password: store them in the vault and name the secret in authRefUri",
    "?": "a query",
    "#": "a fragment",
    "%": "a percent-encoded character",
    "\\": "a backslash",
    ";": "a semicolon",
}


@dataclass(frozen=True, slots=True)
class EndpointParts:
    """An endpoint in normal form: lower-case scheme and host, port None when it is the scheme's own."""

    scheme: str
    host: str
    port: int | None
    segments: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Return `scheme://host[:port]`."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")

    def url(self, *segments: str) -> str:
        """Return the origin with these path segments and no trailing slash."""
        return "/".join((self.origin, *segments))


def split_endpoint(text: str) -> EndpointParts:
    """Take an `http(s)://host[:port][/path]` apart; doubled and trailing slashes are dropped.

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"The endpoint is longer than {_LONGEST} characters.")
    if not text.isascii() or any(not "!" <= character <= "~" for character in text):
        raise ValueError("The endpoint holds a space, a control character or a letter outside ASCII; remove it.")
    for character, what in _FORBIDDEN.items():
        if character in text:
            raise ValueError(f"The endpoint holds {what}. Give only scheme, host, port and path.")
    match = _URL.fullmatch(text)
    if not match or match["scheme"].lower() not in _PORTS:
        raise ValueError("The endpoint must start with https:// (or http:// inside a private network).")
    scheme = match["scheme"].lower()
    host, port = _split_authority(match["authority"])
    segments = tuple(segment for segment in (match["path"] or "").split("/") if segment)
    if any(segment in {".", ".."} for segment in segments):
        raise ValueError("The endpoint's path holds a dot segment; give the path as it is.")
    return EndpointParts(scheme, host, None if port == _PORTS[scheme] else port, segments)


def proxy_url(text: str) -> str:
    """Return a proxy's address in normal form: `http://host[:port]`.

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    if not text.lower().startswith("http://") or "@" in text:
        raise ValueError("The proxy must be http://host:port, without user name and password.")
    try:
        parts = split_endpoint(text)
    except ValueError as refused:
        raise ValueError(str(refused).replace("The endpoint", "The proxy")) from None
    if parts.segments:
        raise ValueError("The proxy must be http://host:port, without a path.")
    return parts.origin


def _split_authority(authority: str) -> tuple[str, int | None]:
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise ValueError("The endpoint's host or port is malformed; write it as host or host:port.")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 1 <= port <= 65535:  # noqa: PLR2004 - the highest port
        raise ValueError("The endpoint's port must be between 1 and 65535.")
    host = match["host"].lower()
    return (_ipv6(host) if host.startswith("[") else _name(host)), port


def _ipv6(host: str) -> str:
    try:
        return f"[{IPv6Address(host[1:-1])}]"
    except AddressValueError:
        raise ValueError("The endpoint's host is not an IPv6 address.") from None


def _name(host: str) -> str:
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):  # noqa: PLR2004 - RFC 1035 §2.3.4
        raise ValueError("The endpoint's host is not a host name (international names: write the xn-- form).")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # WHATWG URL §3.5: a name that ends in a number is an IPv4 address, and 127.1 is one too for some readers
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            raise ValueError("The endpoint's host is not an IPv4 address in its four-part form.") from None
    return host.removesuffix(".")
