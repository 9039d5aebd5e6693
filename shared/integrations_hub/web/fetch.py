"""Read one small JSON document from the Authority: three seconds, 256 KiB, no redirect, no proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from integrations_hub.errors import HubError
from integrations_hub.web.strict_json import strict_json

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

__all__ = ["Unreachable", "fetch_json", "trusted_url"]

_TIMEOUT_S = 3.0
_LIMIT = 256 * 1024
_CHUNK = 16 * 1024
_OK = 200


class Unreachable(Exception):
    """The Authority did not give the document; the message says why."""


def trusted_url(url: str) -> str:
    """Return the URL if what it gives can be believed: https, or http to this very machine.

    Raises:
        ValueError: it is neither, or carries a user, a query or a fragment.
    """
    parts = urlsplit(url)
    plain = parts.username is None and not parts.query and not parts.fragment
    secure = parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname))
    if not (plain and secure and parts.hostname):
        raise ValueError("The Authority's URL must be https (http only on loopback), without user, query or fragment.")
    return url


def fetch_json(url: str) -> dict[str, object]:
    """Return the JSON object at a trusted URL.

    Raises:
        Unreachable: no answer in time, another status than 200, too long, or no JSON object.
        ValueError: the URL is not to be trusted.
    """
    from http.client import HTTPException  # noqa: PLC0415 - a cold start does without

    parts = urlsplit(trusted_url(url))
    deadline = monotonic() + _TIMEOUT_S
    try:
        connection = _connection(parts)
        try:
            connection.connect()
            with _cut_off(connection, deadline):
                connection.request("GET", parts.path or "/", headers={"Accept": "application/json"})
                document = strict_json(_read(connection.getresponse(), deadline))
        finally:
            connection.close()
    except (OSError, HTTPException, HubError) as fault:
        raise Unreachable(f"{parts.netloc} gave no usable answer ({type(fault).__name__})") from fault
    if not isinstance(document, dict):
        raise Unreachable(f"{parts.netloc} did not answer a JSON object")
    return document


def _connection(parts: SplitResult) -> HTTPConnection:
    from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415 - as above

    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(str(parts.hostname), parts.port, timeout=_TIMEOUT_S)


@contextmanager
def _cut_off(connection: HTTPConnection, deadline: float) -> Iterator[None]:
    """Close a connection at the deadline: the library waits for each byte of a status line or field anew."""
    from socket import SHUT_RDWR  # noqa: PLC0415 - as above
    from threading import Timer  # noqa: PLC0415 - as above

    def cut() -> None:
        with suppress(OSError, AttributeError):  # closed by now
            connection.sock.shutdown(SHUT_RDWR)

    timer = Timer(max(deadline - monotonic(), 0.0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(response: HTTPResponse, deadline: float) -> bytes:
    if response.status != _OK:
        raise Unreachable(f"the Authority answered {response.status}")
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > _LIMIT or monotonic() > deadline:
            raise Unreachable("the Authority's answer is too long or too slow")
    return bytes(body)


def _loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
