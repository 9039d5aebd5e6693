"""The documents of a simulated GitHub, field by field as its own OpenAPI document demands them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["LONG_AGO", "Document", "Installation", "RegisteredApp", "Repository", "account", "meta", "rate_limit"]

Document = dict[str, Any]
LONG_AGO = "2026-01-01T00:00:00Z"
USER_URLS = "followers following gists starred subscriptions organizations repos events received_events"
REPOSITORY_URLS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags "
    "teams trees clone git ssh svn"
)
COUNTS = "forks forks_count stargazers_count watchers_count watchers size open_issues open_issues_count"
FLAGS = "private fork has_issues has_projects has_wiki has_pages has_downloads archived disabled"


@dataclass(slots=True)
class RegisteredApp:
    id: int
    client_id: str
    public_key: bytes
    slug: str = "hub"
    events: list[str] = field(default_factory=lambda: ["push", "release"])
    hook: Document = field(default_factory=dict)

    def document(self, root: str) -> Document:
        return {
            "id": self.id,
            "client_id": self.client_id,
            "slug": self.slug,
            "node_id": "A_1",
            "owner": account(root, "octocorp"),
            "name": "The hub",
            "description": None,
            "external_url": "https://hub.example",
            "html_url": f"{root}/apps/{self.slug}",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "permissions": {"metadata": "read"},
            "events": self.events,
        }


@dataclass(slots=True)
class Installation:
    id: int
    app_id: int
    account: str = "octocorp"
    permissions: dict[str, str] = field(default_factory=lambda: {"metadata": "read", "contents": "write"})
    suspended: bool = False

    def document(self, root: str) -> Document:
        return {
            "id": self.id,
            "app_id": self.app_id,
            "app_slug": "hub",
            "target_id": 1,
            "target_type": "Organization",
            "account": account(root, self.account),
            "permissions": self.permissions,
            "events": [],
            "single_file_name": None,
            "repository_selection": "all",
            "access_tokens_url": f"{root}/app/installations/{self.id}/access_tokens",
            "repositories_url": f"{root}/installation/repositories",
            "html_url": f"{root}/organizations/{self.account}/settings/installations/{self.id}",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "suspended_by": None,
            "suspended_at": LONG_AGO if self.suspended else None,
        }


@dataclass(slots=True)
class Repository:
    id: int
    full_name: str
    description: str | None = None

    def document(self, root: str) -> Document:
        owner, _, name = self.full_name.partition("/")
        url = f"{root}/repos/{self.full_name}"
        return {
            **{f"{kind}_url": f"{url}/{kind}" for kind in REPOSITORY_URLS.split()},
            **dict.fromkeys(COUNTS.split(), 0),
            **dict.fromkeys(FLAGS.split(), False),
            **dict.fromkeys(["homepage", "language", "license", "mirror_url"]),
            **dict.fromkeys(["created_at", "updated_at", "pushed_at"], LONG_AGO),
            "id": self.id,
            "node_id": f"R_{self.id}",
            "name": name,
            "full_name": self.full_name,
            "description": self.description,
            "owner": account(root, owner),
            "url": url,
            "html_url": f"https://github.example/{self.full_name}",
            "default_branch": "main",
        }


def account(root: str, login: str) -> Document:
    url = f"{root}/users/{login}"
    return {
        **{f"{kind}_url": f"{url}/{kind}" for kind in USER_URLS.split()},
        "login": login,
        "id": 1,
        "node_id": "O_1",
        "avatar_url": f"{url}/avatar",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.example/{login}",
        "type": "Organization",
        "site_admin": False,
    }


def meta(version: str) -> Document:
    return {"verifiable_password_authentication": True, "installed_version": version}


def rate_limit(remaining: int, reset: int) -> Document:
    core = {"limit": 5000, "used": 5000 - remaining, "remaining": remaining, "reset": reset}
    return {"resources": {"core": core, "search": core}, "rate": core}
