"""Where a check may connect to: the public internet, and what an operator names; never a metadata service.

A pure judgement over addresses. It is asked with every address about to be connected, so a name that resolves
differently the second time, a literal address and a redirect all meet it. Of a name with several addresses each is
judged by itself: the refused ones are never connected to, and the others may be.
Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), RFC 6052 (NAT64), RFC 3056 (6to4),
RFC 4380 (Teredo), RFC 7915 (IPv4-translated addresses); the clouds' documentation of their metadata services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

__all__ = ["EgressPolicy", "Refusal", "parse_allow_list"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _table(rows: Iterable[tuple[str, str]]) -> tuple[tuple[Network, str], ...]:
    return tuple((ip_network(network), name) for network, name in rows)


# No allow-list opens these: they hand out the host's own credentials, or mean "whoever is on this wire".
_NEVER = _table(
    [
        ("169.254.0.0/16", "link-local, where clouds serve metadata"),
        ("fe80::/10", "link-local"),
        ("100.100.100.200/32", "cloud metadata (Alibaba)"),
        ("168.63.129.16/32", "cloud metadata (Azure WireServer)"),
        ("192.0.0.192/32", "cloud metadata (Oracle)"),
        ("fd00:42::42/128", "cloud metadata (Scaleway)"),
        ("fd00:100::100:200/128", "cloud metadata (Alibaba)"),
        ("fd00:a9fe:a9fe::1/128", "cloud metadata (Linode)"),
        ("fd00:c1::a9fe:a9fe/128", "cloud metadata (Oracle)"),
        ("fd00:ec2::/32", "cloud metadata (AWS)"),
        ("fd20:ce::254/128", "cloud metadata (Google)"),
    ]
)

# The same services by the names their clouds' resolvers know: refused before anybody is asked what they mean.
_NEVER_NAMES = frozenset(
    {
        "api.metadata.cloud.ibm.com",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.internal",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
        "rancher-metadata",
    }
)

_SPECIAL = _table(
    [
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("ff00::/8", "multicast"),
    ]
)

_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
# v4-compatible, v4-translated, and the local NAT64 prefix at its longest: the IPv4 address is the last 32 bits
_ENDS_IN_V4 = (IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"), _LOCAL_NAT64)
_GLOBAL_V6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address is refused: the kind of its range and the range; `final` when no allow-list can open it."""

    kind: str
    network: str
    final: bool

    def __str__(self) -> str:
        """Say `kind (range)`: not the address, which an internal name may keep to itself."""
        return f"{self.kind} ({self.network})"


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Which addresses may be connected to; `allow` names private ranges the operator opens."""

    allow: tuple[Network, ...] = ()

    def judge(self, address: str) -> Refusal | None:
        """Return why an address is refused, None when it may be connected to.

        An IPv4 address carried inside an IPv6 one is judged as what it reaches.
        """
        return _judged(address, self.allow)

    def judge_name(self, host: str) -> Refusal | None:
        """Return why a host is refused by its name alone, None when its addresses are to be judged."""
        name = host.lower().rstrip(".")
        return Refusal("cloud metadata", name, final=True) if name in _NEVER_NAMES else None


def parse_allow_list(text: str) -> tuple[Network, ...]:
    """Read CIDR ranges separated by commas, as the setting `EGRESS_ALLOW` holds them.

    Raises:
        ValueError: naming the entry that is not a network.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


@lru_cache(maxsize=4096)  # going through the ranges takes a twentieth of a check, and each of its connections asks
def _judged(address: str, allow: tuple[Network, ...]) -> Refusal | None:
    literal = ip_address(address.partition("%")[0])
    forms = tuple(_forms(literal))
    never = next((row for form in (*forms, *_hidden(literal)) if (row := _row(form, _NEVER))), None)
    if never:
        return Refusal(never[1], str(never[0]), final=True)
    if any(form in network for form in forms for network in allow):
        return None
    row = _row(forms[-1], _SPECIAL) or _outside(forms[-1])
    return Refusal(row[1], str(row[0]), final=False) if row else None


def _forms(address: Address) -> Iterator[Address]:
    """Yield the address, then each IPv4 address it stands for, innermost last."""
    yield address
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            yield inner


def _hidden(address: Address) -> Iterator[IPv4Address]:
    """Yield IPv4 addresses that an IPv6 one may lead to where an operator opened its range."""
    if not isinstance(address, IPv6Address):
        return
    if any(address in network for network in _ENDS_IN_V4):
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _LOCAL_NAT64:
        # RFC 6052 §2.2: after 48 bits of prefix, 16 bits, the reserved octet, and the other 16
        yield IPv4Address((int(address) >> 64 & 0xFFFF) << 16 | int(address) >> 40 & 0xFFFF)
    yield from address.teredo or ()


def _row(address: Address, table: Iterable[tuple[Network, str]]) -> tuple[Network, str] | None:
    return next((row for row in table if address in row[0]), None)


def _outside(address: Address) -> tuple[Network, str] | None:
    # all that IANA has not given out as global unicast: v4-compatible, site-local, discard-only, segment routing, …
    reserved = isinstance(address, IPv6Address) and address not in _GLOBAL_V6
    return (IPv6Network("::/0"), "reserved, outside 2000::/3") if reserved else None
