"""The authorization endpoint's rules (RFC 6749 §4.1.1, RFC 7636, RFC 9700): what is asked, and where answers go.

Where client or redirect URI are wrong, the answer is a page: nobody is ever sent to an address that is not registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from local.authority.clients import Client
from local.authority.codes import CHALLENGE
from local.authority.grant import Grant
from local.authority.parameters import audience_in, scopes_in, tenant_in
from local.authority.refused import Refused

__all__ = ["address", "client_and_redirect", "code_request", "interactive_grant"]


def client_and_redirect(clients: Mapping[str, Client], asked: Mapping[str, str]) -> tuple[Client, str]:
    """Return who asks, and where the answer goes.

    Raises:
        Refused: the client is unknown, or the address is not registered for it.
    """
    client = clients.get(asked.get("client_id", ""))
    if client is None:
        raise Refused("invalid_request", "The program that sent you here is not registered (client_id).")
    uri = asked.get("redirect_uri", "")
    if not client.may_be_sent_to(uri):
        raise Refused("invalid_request", f"The address to return to is not registered for {client.id} (redirect_uri).")
    return client, uri


def code_request(client: Client, asked: Mapping[str, str]) -> tuple[Grant, str]:
    """Return what a person is asked for, and the PKCE challenge.

    Raises:
        Refused: something other than a code with PKCE by S256 is asked for, or what `interactive_grant` refuses.
    """
    if asked.get("response_type") != "code":
        raise Refused("unsupported_response_type", "The response types are: code.")
    if asked.get("response_mode", "query") != "query":
        raise Refused("invalid_request", "The response modes are: query.")
    if asked.get("prompt") == "none":
        raise Refused("interaction_required", "A person is always asked.")
    challenge = asked.get("code_challenge", "")
    if asked.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
        raise Refused("invalid_request", "Send a code_challenge, with code_challenge_method=S256 (RFC 7636).")
    return interactive_grant(client, asked), challenge


def interactive_grant(client: Client, asked: Mapping[str, str]) -> Grant:
    """Return what a client asks a person for; the tenant is the person's to name where the client names none.

    Raises:
        Refused: `invalid_scope`, `invalid_target`, or `invalid_request` about the tenant.
    """
    tenant = tenant_in(asked, client) if asked.get("tenant") or client.tenants else ""
    return Grant(client.id, tenant, scopes_in(asked, client), audience_in(asked))


def address(uri: str, **parameters: str) -> str:
    """Return a redirect URI with the answer in its query; what is empty is left out."""
    answer = urlencode({name: value for name, value in parameters.items() if value})
    return f"{uri}{'&' if '?' in uri else '?'}{answer}"
