"""What a request asks for: its parameters, each once, and the rules about scope, audience and tenant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from local.authority.clients import Client
from local.authority.refused import Refused
from local.authority.scopes import AUDIENCES

__all__ = ["LONGEST_FORM", "audience_in", "form_of", "pairs_of", "query_of", "scopes_in", "tenant_in"]

LONGEST_FORM = 64 * 1024
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def query_of(request: Request) -> Mapping[str, str]:
    """Return the parameters of the query.

    Raises:
        Refused: one is given twice (RFC 6749 §3.1).
    """
    return _each_once(parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True))


def form_of(request: Request) -> Mapping[str, str]:
    """Return the parameters of the form.

    Raises:
        Refused: one is given twice (RFC 6749 §3.2), or the form is too long.
    """
    return _each_once(pairs_of(request))


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """Return what the form holds, in order.

    Raises:
        Refused: it is too long.
    """
    request.max_content_length = LONGEST_FORM
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refused("invalid_request", f"The form may have {LONGEST_FORM} bytes.", 413) from None
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def scopes_in(asked: Mapping[str, str], client: Client) -> tuple[str, ...]:
    """Return the scopes that are asked for and known for this client; the rest is dropped (RFC 6749 §3.3).

    Raises:
        Refused: nothing is left.
    """
    named = asked["scope"].split() if "scope" in asked else client.scopes
    scopes = tuple(dict.fromkeys(scope for scope in named if scope in client.scopes))
    if not scopes:
        raise Refused("invalid_scope", f"This client may ask for: {' '.join(client.scopes)}.")
    return scopes


def audience_in(asked: Mapping[str, str]) -> str | list[str]:
    """Return whom the token is for, as the claim `aud` has it; the hub where nobody is named.

    Raises:
        Refused: an audience is unknown (RFC 8707 §2).
    """
    audiences = asked.get("audience", AUDIENCES[0]).split()
    if not audiences or not set(audiences) <= set(AUDIENCES):
        raise Refused("invalid_target", f"The audiences are: {' '.join(AUDIENCES)}.")
    return audiences[0] if len(audiences) == 1 else audiences


def tenant_in(asked: Mapping[str, str], client: Client) -> str:
    """Return the tenant, which need not be named where the client has only one.

    Raises:
        Refused: it is missing, malformed, or not one of the client's.
    """
    tenant = asked.get("tenant") or (client.tenants[0] if len(client.tenants) == 1 else "")
    if not _TENANT.fullmatch(tenant) or (client.tenants and tenant not in client.tenants):
        allowed = f": {' '.join(client.tenants)}" if client.tenants else ""
        raise Refused("invalid_request", f"Name a tenant this client may act for{allowed}.")
    return tenant


def _each_once(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Refused("invalid_request", "A parameter is given twice.")
    return parameters
