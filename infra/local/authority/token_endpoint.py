"""The token endpoint's rules: OAuth 2.0 client credentials (RFC 6749 §4.4), with `tenant` and `audience`."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from local.authority.clients import AUDIENCES, Client

__all__ = ["TTL_S", "Grant", "Refused", "client_credentials", "known_client"]

TTL_S = 900

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Refused(Exception):
    """An error answer of RFC 6749 §5.2: its code, a sentence, its status."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        """Keep what the answer says."""
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client is given."""

    client: Client
    tenant: str
    scopes: Sequence[str]
    audience: str | list[str]


def known_client(clients: Mapping[str, Client], form: Mapping[str, str], authorization: str) -> Client:
    """Return the client that proves itself, by HTTP Basic or in the form (RFC 6749 §2.3.1).

    Raises:
        Refused: `invalid_client`.
    """
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = (unquote_plus(part) for part in b64decode(value).decode().partition(":"))
        except ValueError:
            raise _unknown_client() from None
    client = clients.get(name)
    if client is None or not client.proves_itself_with(secret):
        raise _unknown_client()
    return client


def client_credentials(client: Client, form: Mapping[str, str]) -> Grant:
    """Return what the client may have of what it asks for.

    Raises:
        Refused: `invalid_scope`, `invalid_target` (RFC 8707 §2), or `invalid_request` about the tenant.
    """
    scopes = form["scope"].split() if "scope" in form else client.scopes
    if not set(scopes) <= set(client.scopes):
        raise Refused("invalid_scope", f"This client may ask for: {' '.join(client.scopes)}.")
    audiences = form.get("audience", AUDIENCES[0]).split()
    if not audiences or not set(audiences) <= set(AUDIENCES):
        raise Refused("invalid_target", f"The audiences are: {' '.join(AUDIENCES)}.")
    tenant = form.get("tenant") or (client.tenants[0] if len(client.tenants) == 1 else "")
    if not _TENANT.fullmatch(tenant) or (client.tenants and tenant not in client.tenants):
        allowed = f": {' '.join(client.tenants)}" if client.tenants else ""
        raise Refused("invalid_request", f"Name a tenant this client may act for{allowed}.")
    return Grant(client, tenant, scopes, audiences[0] if len(audiences) == 1 else audiences)


def _unknown_client() -> Refused:
    return Refused("invalid_client", "The client is unknown or its secret is wrong.", 401)
