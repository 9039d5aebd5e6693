"""The token endpoint's rules, one function per grant type: RFC 6749 §4.1.3, §4.4 and §6, RFC 8628 §3.4."""

from __future__ import annotations

import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from local.authority.clients import Client
from local.authority.grant import Grant
from local.authority.parameters import audience_in, scopes_in, tenant_in
from local.authority.refused import Refused
from local.authority.scopes import OFFLINE

if TYPE_CHECKING:
    from local.authority.authority import Authority

__all__ = ["GRANT_TYPES", "TTL_S", "known_client", "tokens"]

TTL_S = 900

Form = Mapping[str, str]


def known_client(clients: Mapping[str, Client], form: Form, authorization: str) -> Client:
    """Return the client that proves itself, by HTTP Basic or in the form (RFC 6749 §2.3.1); a public one need not.

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


def tokens(authority: Authority, client: Client, form: Form) -> Mapping[str, object]:
    """Return the answer to a token request (RFC 6749 §5.1).

    Raises:
        Refused: with the code of the RFC that describes the grant type.
    """
    grant_type = _GRANT_TYPES.get(form.get("grant_type", ""))
    if grant_type is None:
        raise Refused("unsupported_grant_type", f"The grant types are: {' '.join(_GRANT_TYPES)}.")
    grant, refresh_token = grant_type(authority, client, form)
    token = authority.mint(
        grant.tenant,
        grant.scopes,
        grant.subject or client.id,
        TTL_S,
        aud=grant.audience,
        client_id=client.id,
        auth_time=grant.signed_in_at,
    )
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": TTL_S, "scope": " ".join(grant.scopes)}
    return answer | ({"refresh_token": refresh_token} if refresh_token else {})


def _client_credentials(_: Authority, client: Client, form: Form) -> tuple[Grant, str]:
    if not client.secret:
        raise Refused("unauthorized_client", "This client has no secret of its own: a person has to sign in.")
    if not set(form.get("scope", "").split()) <= set(client.scopes):  # a program is told, a person may be given less
        raise Refused("invalid_scope", f"This client may ask for: {' '.join(client.scopes)}.")
    return Grant(client.id, tenant_in(form, client), scopes_in(form, client), audience_in(form)), ""


def _authorization_code(authority: Authority, client: Client, form: Form) -> tuple[Grant, str]:
    asked = (form.get(name, "") for name in ("redirect_uri", "code_verifier"))
    code = authority.codes.redeem(form.get("code", ""), client.id, *asked)
    return code.grant, _first_refresh_token(authority, code.grant, code.family)


def _device_code(authority: Authority, client: Client, form: Form) -> tuple[Grant, str]:
    grant = authority.devices.poll(form.get("device_code", ""), client.id)
    return grant, _first_refresh_token(authority, grant, secrets.token_urlsafe(16))


def _refresh_token(authority: Authority, client: Client, form: Form) -> tuple[Grant, str]:
    """Give what was given at first, or fewer scopes of it; another tenant needs the person's consent again."""
    token = form.get("refresh_token", "")
    grant = authority.refresh_tokens.grant(token, client.id)
    if form.get("tenant", grant.tenant) != grant.tenant:
        raise Refused("invalid_request", f"This sign-in is for the tenant {grant.tenant}. Sign in again for another.")
    narrowed = replace(grant, scopes=_narrowed(form, grant.scopes))
    return narrowed, authority.refresh_tokens.rotate(token, client.id)  # last: what was refused above used nothing up


def _narrowed(form: Form, scopes: Sequence[str]) -> Sequence[str]:
    wanted = form["scope"].split() if form.get("scope") else scopes
    if not set(wanted) <= set(scopes):
        raise Refused("invalid_scope", f"This sign-in was given: {' '.join(scopes)}.")
    return wanted


def _first_refresh_token(authority: Authority, grant: Grant, family: str) -> str:
    return authority.refresh_tokens.begin(family, grant) if OFFLINE in grant.scopes else ""


def _unknown_client() -> Refused:
    return Refused("invalid_client", "The client is unknown or its secret is wrong.", 401)


_GRANT_TYPES: Mapping[str, Callable[[Authority, Client, Form], tuple[Grant, str]]] = {
    "authorization_code": _authorization_code,
    "urn:ietf:params:oauth:grant-type:device_code": _device_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
}
GRANT_TYPES = tuple(_GRANT_TYPES)
