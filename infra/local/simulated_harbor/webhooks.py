"""Webhook policies of a simulated Harbor, with what it refuses (handler/webhook.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local.simulated_harbor.answers import Refused, page
from local.simulated_harbor.state import Policy, Project

__all__ = ["change_policy", "create_policy", "list_policies"]

_EVENTS = frozenset(
    {
        "DELETE_ARTIFACT",
        "PULL_ARTIFACT",
        "PUSH_ARTIFACT",
        "QUOTA_EXCEED",
        "QUOTA_WARNING",
        "REPLICATION",
        "SCANNING_COMPLETED",
        "SCANNING_FAILED",
        "SCANNING_STOPPED",
        "TAG_RETENTION",
    }
)


def list_policies(request: web.Request, project: Project, number: int) -> web.Response:
    """Answer one page of a project's policies, secrets and all."""
    return page(request, [policy.document(number) for policy in project.policies])


def create_policy(request: web.Request, project: Project, wish: Mapping[str, Any]) -> web.Response:
    """Make a policy; its name is its own in the project."""
    _judge(wish)
    if any(policy.name == wish["name"] for policy in project.policies):
        raise Refused(409, "CONFLICT", f"webhook policy named {wish['name']} already exists")
    policy = Policy(max((policy.id for policy in project.policies), default=0) + 1, wish["name"])
    policy.change(wish)
    project.policies.append(policy)
    return web.Response(status=201, headers={"Location": f"{request.path}/{policy.id}"})


def change_policy(request: web.Request, project: Project, wish: Mapping[str, Any]) -> web.Response:
    """Change a policy of the project."""
    _judge(wish)
    policy = next((one for one in project.policies if str(one.id) == request.match_info["policy"]), None)
    if policy is None:
        raise Refused(404, "NOT_FOUND", "webhook policy not found")
    policy.change(wish)
    return web.Response()


def _judge(wish: Mapping[str, Any]) -> None:
    unknown = sorted(set(wish.get("event_types") or ()) - _EVENTS)
    if unknown:
        raise Refused(400, "BAD_REQUEST", f"unsupported event type {unknown[0]}")
    if not wish.get("event_types"):
        raise Refused(400, "BAD_REQUEST", "empty event type")
    if not wish.get("targets") or any(target.get("type") != "http" for target in wish["targets"]):
        raise Refused(400, "BAD_REQUEST", "empty notification target")
