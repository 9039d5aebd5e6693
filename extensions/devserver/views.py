"""What the platform shows, as `platform.openapi.yaml` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from devserver.model import Component, Decision, Environment, FreezeWindow, Promotion, Release, Status
from devserver.platform import Platform

__all__ = ["environment_view", "promotion_view", "release_view"]

View = dict[str, object]


def release_view(release: Release, integrations: Mapping[str, str]) -> View:
    """Show a release; `integrations` leads from an integration's name to its id in the hub."""
    return {
        "id": release.id,
        "name": release.name,
        "version": release.version,
        "status": release.status,
        "components": [_component(one, integrations) for one in release.components],
        "createdAt": _time(release.created_at),
        "createdBy": release.created_by,
    }


def environment_view(environment: Environment, platform: Platform, *, with_state: bool) -> View:
    """Show an environment, with what runs there and the freeze windows to come where that is asked for."""
    view: View = {
        "id": environment.id,
        "name": environment.name,
        "displayName": environment.display_name,
        "orderIndex": environment.order,
        "isProduction": environment.production,
        "requiredApprovals": environment.required_approvals,
    }
    if environment.approvers:
        view["approvers"] = list(environment.approvers)
    if with_state:
        view["currentRelease"] = _current(environment, platform)
        view["freezeWindows"] = [_window(one) for one in environment.freeze_windows if one.ends > platform.now()]
    return view


def promotion_view(promotion: Promotion) -> View:
    """Show a promotion."""
    view: View = {
        "id": promotion.id,
        "releaseId": promotion.release.id,
        "releaseName": promotion.release.name,
        "releaseVersion": promotion.release.version,
        "sourceEnvironmentName": promotion.source.name if promotion.source else None,
        "targetEnvironmentId": promotion.target.id,
        "targetEnvironmentName": promotion.target.name,
        "status": promotion.status.value,
        "reason": promotion.reason,
        "requestedBy": promotion.requested_by,
        "requestedAt": _time(promotion.requested_at),
        "requiredApprovals": promotion.target.required_approvals,
        "approvals": [_decision(one) for one in promotion.approvals],
        "rejection": _decision(promotion.rejection) if promotion.rejection else None,
        "gates": _gates(promotion),
        "statusChangedAt": _time(promotion.changed_at),
    }
    if promotion.status is Status.FAILED:
        view["failureReason"] = "The new version did not become ready in time."
    return view


def _component(component: Component, integrations: Mapping[str, str]) -> View:
    view: View = {"name": component.name, "image": component.image, "digest": component.digest}
    if component.registry in integrations:
        view["registryIntegrationId"] = integrations[component.registry]
    return view


def _current(environment: Environment, platform: Platform) -> View | None:
    current = platform.current(environment)
    if current is None:
        return None
    release, at = current
    return {"id": release.id, "name": release.name, "version": release.version, "deployedAt": _time(at)}


def _window(window: FreezeWindow) -> View:
    return {"from": _time(window.begins), "until": _time(window.ends), "reason": window.reason}


def _gates(promotion: Promotion) -> list[View]:
    if promotion.status is not Status.PENDING_GATE:
        return []
    open_ones = [one for one in promotion.target.freeze_windows if one.begins <= promotion.changed_at < one.ends]
    return [{"name": "freeze-window", "reason": one.reason, "until": _time(one.ends)} for one in open_ones]


def _decision(decision: Decision) -> View:
    return {"by": decision.by, "at": _time(decision.at), "comment": decision.comment}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
