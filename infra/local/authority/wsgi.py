"""The Authority's few pages as a WSGI application (PEP 3333)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from local.authority.clients import AUDIENCES, SCOPES
from local.authority.token_endpoint import TTL_S, Refused, client_credentials, known_client

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from local.authority.authority import Authority

__all__ = ["Application"]

_LONGEST_FORM = 64 * 1024
_DISCOVERY = "/.well-known/openid-configuration"
_JWKS = "/.well-known/jwks.json"
_TOKEN = "/oauth/token"  # noqa: S105 - a path


class Application:
    """Discovery, keys and tokens of one Authority."""

    def __init__(self, authority: Authority) -> None:
        """Serve this Authority."""
        self._authority = authority
        self._pages = {
            ("GET", _DISCOVERY): self._discovery,
            ("GET", _JWKS): self._jwks,
            ("POST", _TOKEN): self._token,
            ("POST", "/token"): self._token,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request with JSON."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        page = self._pages.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")), _nothing)
        try:
            status, document = 200, page(environ)
        except Refused as refused:
            status, document = refused.status, {"error": refused.code, "error_description": refused.sentence}
            if refused.code == "invalid_client":
                headers["WWW-Authenticate"] = 'Basic realm="authority"'
        body = json.dumps(document).encode()
        headers["Content-Length"] = str(len(body))
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [body]

    def _discovery(self, _: WSGIEnvironment) -> Mapping[str, object]:
        """Describe the issuer (RFC 8414 §2); what is not offered is not listed."""
        issuer = self._authority.issuer
        return {
            "issuer": issuer,
            "jwks_uri": issuer + _JWKS,
            "token_endpoint": issuer + _TOKEN,
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": list(SCOPES),
            "audiences_supported": list(AUDIENCES),
        }

    def _jwks(self, _: WSGIEnvironment) -> Mapping[str, object]:
        return self._authority.keys.published()

    def _token(self, environ: WSGIEnvironment) -> Mapping[str, object]:
        form = _form(environ)
        client = known_client(self._authority.clients, form, environ.get("HTTP_AUTHORIZATION", ""))
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type", "The grant types are: client_credentials.")
        grant = client_credentials(client, form)
        token = self._authority.mint(grant.tenant, grant.scopes, client.id, TTL_S, aud=grant.audience)
        return {"access_token": token, "token_type": "Bearer", "expires_in": TTL_S, "scope": " ".join(grant.scopes)}


def _nothing(_: WSGIEnvironment) -> Mapping[str, object]:
    raise Refused("not_found", "There is no such page.", 404)


def _form(environ: WSGIEnvironment) -> Mapping[str, str]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > _LONGEST_FORM:
        raise Refused("invalid_request", f"The form may have {_LONGEST_FORM} bytes.", 413)
    pairs = parse_qsl(environ["wsgi.input"].read(int(length)).decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Refused("invalid_request", "A parameter is given twice.")  # RFC 6749 §3.2
    return form
