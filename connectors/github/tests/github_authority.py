"""Who may do what at a simulated GitHub: Apps by the tokens they sign, installations by those they were given."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from aiohttp import web

from .github_answers import Refused
from .github_documents import Document, Installation, RegisteredApp, Repository

__all__ = ["Authority", "IssuedToken"]

LEVELS = ("read", "write", "admin")


@dataclass(slots=True)
class IssuedToken:
    installation: Installation
    expires_at: float
    permissions: dict[str, str]
    repositories: list[str] | None


@dataclass(slots=True)
class Authority:
    apps: list[RegisteredApp]
    installations: list[Installation]
    repositories: list[Repository]
    now: Callable[[], float]
    tokens: dict[str, IssuedToken] = field(default_factory=dict)

    def app(self, request: web.Request) -> RegisteredApp:
        """Return the App that signed a request's token."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            app = next((app for app in self.apps if issuer in {str(app.id), app.client_id}), None)
            if app is None:
                raise Refused(404, "Integration not found")
            by_our_own_clock = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(token, app.public_key, algorithms=["RS256"], options=by_our_own_clock)
        except jwt.InvalidTokenError:
            raise Refused(401, "A JSON web token could not be decoded") from None
        self._judge_time(claims)
        return app

    def mint(self, one: Installation, wish: Mapping[str, Any], life_s: float, seal: str) -> Document:
        """Give an installation a token."""
        if one.suspended:
            raise Refused(403, "This installation has been suspended")
        # nothing wished is all there is, as PyGithub relies on
        permissions, names = wish.get("permissions") or one.permissions, wish.get("repositories")
        for name, level in permissions.items():
            if one.permissions.get(name) not in LEVELS[LEVELS.index(level) :]:
                raise Refused(422, "The permissions requested are not granted to this installation.")
        have = {repository.full_name for repository in self.repositories}
        if not {f"{one.account}/{name}" for name in names or []} <= have:
            sentence = (
                "There is at least one repository that does not exist or is not accessible to the parent installation."
            )
            raise Refused(422, sentence)
        token, expires_at = f"ghs_{one.app_id}_{seal}{secrets.token_urlsafe(60)}", self.now() + life_s
        self.tokens[token] = IssuedToken(one, expires_at, permissions, names)
        ends = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"token": token, "expires_at": ends, "permissions": permissions}

    def token(self, request: web.Request) -> IssuedToken:
        """Return what a request's token was given for."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        issued = self.tokens.get(value) if scheme.lower() in {"bearer", "token"} else None
        if issued is None or issued.expires_at <= self.now():
            raise Refused(401, "Bad credentials")
        if issued.installation.suspended:
            raise Refused(403, "This installation has been suspended")
        return issued

    def reaches(self, token: IssuedToken, full_name: str) -> bool:
        """Tell whether a token is for a repository."""
        owner, _, name = full_name.partition("/")
        return owner == token.installation.account and name in (token.repositories or [name])

    def repository(self, token: IssuedToken, name: str) -> Repository:
        """Return a repository that a token is for."""
        found = next((one for one in self.repositories if one.full_name == name and self.reaches(token, name)), None)
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def allow_hooks(self, token: IssuedToken, method: str, kind: str, name: str) -> None:
        """Return when a token may read (GET) or change the webhooks of a repository or organisation."""
        if kind == "repos":
            self.repository(token, name)
        elif name != token.installation.account:
            raise Refused(404, "Not Found")
        permission = "repository_hooks" if kind == "repos" else "organization_hooks"
        if token.permissions.get(permission) not in LEVELS[0 if method == "GET" else 1 :]:
            raise Refused(403, "Resource not accessible by integration")

    def _judge_time(self, claims: Mapping[str, object]) -> None:
        issued, ends, now = claims["iat"], claims["exp"], self.now()
        if not isinstance(issued, int) or issued > now:
            raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
        if not isinstance(ends, int) or ends <= now:
            raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
        if ends > now + 600:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
