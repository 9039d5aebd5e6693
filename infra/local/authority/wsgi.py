"""The Authority as a WSGI application (PEP 3333): pages for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from local.authority import browser
from local.authority.authorization_endpoint import interactive_grant
from local.authority.devices import DEVICE_S
from local.authority.discovery import PATHS, discovery
from local.authority.pages import message_page, stylesheet
from local.authority.parameters import form_of
from local.authority.refused import Refused
from local.authority.token_endpoint import known_client, tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from local.authority.authority import Authority
    from local.authority.clients import Client

__all__ = ["Application"]

Document = Mapping[str, object]
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?")


class Application:
    """Everything one Authority answers."""

    def __init__(self, authority: Authority) -> None:
        """Serve this Authority."""
        self._authority = authority
        self._documents: Mapping[tuple[str, str], Callable[[Request], Document]] = {
            ("GET", "/.well-known/openid-configuration"): lambda _: discovery(authority.issuer),
            ("GET", PATHS["jwks_uri"]): lambda _: authority.keys.published(),
            ("POST", PATHS["token_endpoint"]): self._token,
            ("POST", "/token"): self._token,
            ("POST", PATHS["device_authorization_endpoint"]): self._device_authorization,
            ("POST", PATHS["revocation_endpoint"]): self._revocation,
        }
        self._pages: Mapping[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", PATHS["authorization_endpoint"]): lambda request: browser.authorize(authority, request),
            ("POST", "/oauth/consent"): lambda request: browser.consent(authority, request),
            ("GET", "/oauth/device"): lambda request: browser.device(authority, request),
            ("GET", "/oauth/style.css"): lambda _: stylesheet(),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        page = self._pages.get((request.method, request.path))
        answer = self._page(page, request) if page else self._document(request)
        answer.headers["Cache-Control"] = "no-store"
        return answer(environ, start_response)

    def _page(self, page: Callable[[Request], Response], request: Request) -> Response:
        try:
            self._check_host(request)
            return page(request)
        except Refused as refused:
            return message_page("This cannot go on", refused.sentence, refused.status)

    def _document(self, request: Request) -> Response:
        document = self._documents.get((request.method, request.path), _nothing)
        try:
            self._check_host(request)
            return _json(document(request))
        except Refused as refused:
            answer = _json({"error": refused.code, "error_description": refused.sentence}, refused.status)
            if refused.code == "invalid_client":
                answer.headers["WWW-Authenticate"] = 'Basic realm="authority"'
            return answer

    def _check_host(self, request: Request) -> None:
        """Refuse a name that is not ours: a page elsewhere can have its own name lead here (DNS rebinding)."""
        if _LOOPBACK.fullmatch(request.host) is None and request.host != urlsplit(self._authority.issuer).netloc:
            raise Refused("invalid_request", "This Authority answers to its own address only.", 421)

    def _token(self, request: Request) -> Document:
        client, form = self._client(request)
        return tokens(self._authority, client, form)

    def _device_authorization(self, request: Request) -> Document:
        client, form = self._client(request)
        if client.secret:
            raise Refused("unauthorized_client", "Nobody signs in with this client: it has a secret of its own.")
        code, device = self._authority.devices.begin(interactive_grant(client, form))
        page = f"{self._authority.issuer}/oauth/device"
        return {
            "device_code": code,
            "user_code": device.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={device.user_code}",
            "expires_in": DEVICE_S,
            "interval": device.interval,
        }

    def _revocation(self, request: Request) -> Document:
        """End a sign-in by its refresh token (RFC 7009); an access token ends by itself."""
        client, form = self._client(request)
        token = form.get("token", "")
        if token.count(".") > 1:  # a JWT
            raise Refused("unsupported_token_type", "An access token ends by itself. Revoke the refresh token.")
        self._authority.refresh_tokens.revoke(token, client.id)
        return {}

    def _client(self, request: Request) -> tuple[Client, Mapping[str, str]]:
        form = form_of(request)
        return known_client(self._authority.clients, form, request.headers.get("Authorization", "")), form


def _nothing(_: Request) -> Document:
    raise Refused("not_found", "There is no such page.", 404)


def _json(document: Document, status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")
