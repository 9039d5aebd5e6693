"""What a simulated Harbor holds, and how it shows it: documents field by field as Harbor's own description has them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Document", "Policy", "Project", "Robot", "health", "system_info"]

Document = dict[str, Any]
_CREATED = "2026-01-01T00:00:00.000Z"
_VERSION = "v2.15.2-0a1b2c3d"


@dataclass(slots=True)
class Robot:
    """A robot account; `expires_at` in seconds since the epoch, -1 for never; no projects means all of them.

    A name with a `+` is a project's, as in `robot$payments+hub`.
    """

    name: str
    secret: str = field(repr=False)
    expires_at: int = -1
    disabled: bool = False
    projects: tuple[str, ...] = ()
    # beyond what every robot may: `robot:list`, `notification-policy` (list, create, update), no `repository:list`
    lists_robots: bool = False
    manages_webhooks: bool = True
    lists_repositories: bool = True

    @property
    def project(self) -> str | None:
        """Return whose robot it is, None for the system's."""
        before, plus, _ = self.name.partition("+")
        return before.partition("$")[2] if plus else None

    def current(self) -> bool:
        """Tell whether it may log in."""
        return not self.disabled and (self.expires_at == -1 or self.expires_at > time.time())

    def covers(self, project: Project) -> bool:
        """Tell whether it was given permissions in a project."""
        return self.project == project.name if self.project else not self.projects or project.name in self.projects

    def document(self, number: int) -> Document:
        """Return what those who may list robots are shown."""
        return {
            "id": number,
            "name": self.name,
            "level": "project" if self.project else "system",
            "duration": -1 if self.expires_at == -1 else 30,
            "editable": True,
            "disable": self.disabled,
            "expires_at": self.expires_at,
            "creation_time": _CREATED,
            "update_time": _CREATED,
        }


@dataclass(slots=True)
class Policy:
    """A webhook policy; its targets hold the secrets that deliveries carry, and are shown as they are."""

    id: int
    name: str
    event_types: Sequence[str] = ()
    targets: Sequence[Mapping[str, object]] = field(default=(), repr=False)
    enabled: bool = True
    description: str = ""

    def change(self, wish: Mapping[str, Any]) -> None:
        """Take over what a request says, all of it: what it leaves out is empty then."""
        self.name, self.description = wish.get("name", ""), wish.get("description", "")
        self.event_types, self.enabled = wish["event_types"], wish.get("enabled", False)
        self.targets = [{"payload_format": "Default", **target} for target in wish["targets"]]

    def document(self, project_id: int) -> Document:
        """Return what those who may list policies are shown."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "project_id": project_id,
            # generated from Harbor's own document: an optional value that is empty or false is left out
            "targets": [{name: value for name, value in target.items() if value} for target in self.targets],
            "event_types": list(self.event_types),
            "enabled": self.enabled,
            "creator": "admin",
            "creation_time": _CREATED,
            "update_time": _CREATED,
        }


@dataclass(slots=True)
class Project:
    """A project, the names of its repositories, and its webhook policies."""

    name: str
    public: bool = False
    repositories: tuple[str, ...] = ()
    policies: list[Policy] = field(default_factory=list)

    def document(self, number: int) -> Document:
        """Return what those who see it are shown."""
        return {
            "project_id": number,
            "name": self.name,
            "owner_id": 1,
            "owner_name": "admin",
            "creation_time": _CREATED,
            "update_time": _CREATED,
            "repo_count": len(self.repositories),
            "metadata": {"public": "true" if self.public else "false"},
            "cve_allowlist": {"id": number, "project_id": number, "items": []},
        }

    def repository_documents(self, number: int) -> list[Document]:
        """Return what those who may list its repositories are shown."""
        common = {"project_id": number, "artifact_count": 1, "pull_count": 0}
        times = {"creation_time": _CREATED, "update_time": _CREATED}
        return [
            {"id": 1000 * number + n, "name": f"{self.name}/{name}", **common, **times}
            for n, name in enumerate(self.repositories)
        ]


def health(components: Mapping[str, str]) -> Document:
    """Return the document of `/health`; a component's state is `healthy`, or the error it is down with."""
    shown = [
        {"name": name, "status": "healthy"}
        if state == "healthy"
        else {"name": name, "status": "unhealthy", "error": f"failed to check the health of {name}: {state}"}
        for name, state in components.items()
    ]
    well = all(component["status"] == "healthy" for component in shown)
    return {"status": "healthy" if well else "unhealthy", "components": shown}


def system_info(origin: str, now: str, *, read_only: bool) -> tuple[Document, Document]:
    """Return what `/systeminfo` tells everybody, and what it adds for who is logged in."""
    public: Document = {
        "auth_mode": "db_auth",
        "banner_message": "",
        "primary_auth_mode": False,
        "self_registration": False,
    }
    protected: Document = {
        "current_time": now,
        "external_url": origin,
        "harbor_version": _VERSION,
        "has_ca_root": False,
        "notification_enable": True,
        "project_creation_restriction": "everyone",
        "read_only": read_only,
        "registry_storage_provider_name": "filesystem",
        "registry_url": origin.partition("://")[2],
    }
    return public, protected
