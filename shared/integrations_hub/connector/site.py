"""Which hosts belong together: the entries of a secret's `allowed_hosts`, and two hosts of one site."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = ["is_address", "listed", "same_site"]


def listed(entries: Iterable[str], target: str) -> bool:
    """Tell whether one of the entries names a target (`name` or `name:port`).

    An entry is a host name, an address, or either with a port, which then must match.
    """
    name, port = _split(target)
    return any(entry == name and wanted in {None, port} for entry, wanted in map(_split, entries))


def same_site(one: str, other: str) -> bool:
    """Tell whether two host names are one, or have one registrable domain (Public Suffix List, publicsuffix.org).

    Addresses, and names without a registrable domain, are a site of their own.
    """
    if one == other:
        return True
    return not (is_address(one) or is_address(other)) and _site(one) is not None and _site(one) == _site(other)


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address, in brackets or not."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _site(host: str) -> str | None:
    return _suffixes().privatesuffix(host)


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - few calls ask, and it reads the whole list

    # a suffix nobody listed is no site: `db.internal` and `ci.internal` may be anybody's
    return PublicSuffixList(accept_unknown=False)


def _split(host: str) -> tuple[str, str | None]:
    """Return name and port, as `Target` writes them: `[::1]:443`, `example.org:443`, and without a port."""
    name, colon, port = host.strip().rpartition(":")
    if not colon or not port.isdigit() or (":" in name and not name.endswith("]")):
        name, port = host.strip(), ""
    return name.strip("[]").lower().rstrip("."), port or None
