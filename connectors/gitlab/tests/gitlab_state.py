"""What a simulated GitLab holds, and how it shows it. https://docs.gitlab.com/api/projects/ and /api/project_webhooks/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

__all__ = ["AccessToken", "Document", "Hook", "Project", "Refused"]

Document = dict[str, Any]
LONG_AGO = "2026-01-01T00:00:00.000Z"
DENIED = "The request requires higher privileges than provided by the access token."
REVOKED = "Token was revoked. You have to re-authorize from the user."
EXPIRED = "Token is expired. You can either do re-authorization or token refresh."
MAINTAINER = 40
EVENTS = (
    "confidential_issues confidential_note deployment emoji feature_flag issues job merge_requests milestone note "
    "pipeline push releases repository_update resource_access_token resource_deploy_token tag_push vulnerability "
    "wiki_page"
)


class Refused(Exception):
    """An answer that ends a request."""

    def __init__(self, status: int, document: Mapping[str, object]) -> None:
        super().__init__(status)
        self.answer = web.json_response(document, status=status)


@dataclass(slots=True)
class AccessToken:
    """A token; `personal` also stands for those of projects and groups, which are of a bot user."""

    value: str = field(repr=False)
    scopes: tuple[str, ...] = ("read_api",)
    expires_at: date | None = None
    revoked: bool = False
    personal: bool = True

    def require(self, scopes: tuple[str, ...]) -> None:
        """Return when the token is valid and has one of the scopes, where there are any."""
        if self.revoked:
            raise Refused(401, {"error": "invalid_token", "error_description": REVOKED})
        if self.expires_at and self.expires_at <= datetime.now(UTC).date():
            raise Refused(401, {"error": "invalid_token", "error_description": EXPIRED})
        if scopes and not set(scopes) & set(self.scopes):
            raise Refused(403, {"error": "insufficient_scope", "error_description": DENIED, "scope": " ".join(scopes)})

    def document(self) -> Document:
        return {
            "id": 4,
            "name": "hub",
            "revoked": False,
            "active": True,
            "user_id": 3,
            "description": None,
            "scopes": list(self.scopes),
            "created_at": LONG_AGO,
            "last_used_at": LONG_AGO,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }


@dataclass(slots=True)
class Hook:
    """A webhook with its secrets, which no document shows."""

    id: int
    url: str
    events: set[str] = field(default_factory=lambda: {"push_events"})
    token: str = field(default="", repr=False)
    signing_token: str = field(default="", repr=False)
    verifies: bool = True

    def change(self, wish: Mapping[str, Any], *, signing: bool) -> None:
        """Take over what a request says; a server without signing tokens ignores one in silence."""
        self.url, self.token = wish["url"], wish.get("token", self.token)
        self.verifies = wish.get("enable_ssl_verification", self.verifies)
        if signing:
            self.signing_token = wish.get("signing_token", self.signing_token)
        for name in (f"{event}_events" for event in EVENTS.split()):
            if name in wish:
                (self.events.add if wish[name] else self.events.discard)(name)

    def document(self, project: int, *, tells: bool) -> Document:
        told = {"token_present": bool(self.token), "signing_token_present": bool(self.signing_token)}
        return {
            "id": self.id,
            "url": self.url,
            "name": None,
            "description": None,
            "project_id": project,
            "created_at": LONG_AGO,
            **{f"{event}_events": f"{event}_events" in self.events for event in EVENTS.split()},
            "push_events_branch_filter": "",
            "enable_ssl_verification": self.verifies,
            "alert_status": "executable",
            "disabled_until": None,
            "url_variables": [],
            "custom_headers": [],
            **(told if tells else {}),
        }


@dataclass(slots=True)
class Project:
    """A project the tokens' user is a member of, on a level."""

    id: int
    path: str
    level: int = MAINTAINER
    hooks: list[Hook] = field(default_factory=list)

    def document(self, origin: str) -> Document:
        namespace, _, short = self.path.rpartition("/")
        return {
            "id": self.id,
            "description": None,
            "name": short.title(),
            "name_with_namespace": self.path.replace("/", " / "),
            "path": short,
            "path_with_namespace": self.path,
            "created_at": LONG_AGO,
            "last_activity_at": LONG_AGO,
            "default_branch": "main",
            "web_url": f"{origin}/{self.path}",
            "visibility": "private",
            "archived": False,
            "namespace": {"id": 1, "name": namespace, "path": namespace, "kind": "group", "full_path": namespace},
        }
