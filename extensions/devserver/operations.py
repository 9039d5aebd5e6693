"""One function per operation of `platform.openapi.yaml`: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import request

from devserver.bodies import Approval, PromotionDraft, Rejection, flag, read, statuses
from devserver.pages import with_page
from devserver.platform import Platform
from devserver.views import View, environment_view, promotion_view, release_view

__all__ = ["OPERATIONS", "Call", "Operation"]


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, on which tenant's platform; `integrations` leads from an integration's name to its id in the hub."""

    subject: str
    platform: Platform
    integrations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """Where an operation stands, what it needs, and what does it."""

    method: str
    path: str
    scope: str
    perform: Callable[..., View | Sequence[View]]
    status: int = 200

    @property
    def listing(self) -> str:
        """Return the name of the listing it is, nothing where it is another call."""
        return self.path.strip("/") if self.method == "GET" and "<" not in self.path else ""


def list_releases(call: Call) -> Sequence[View]:
    """List the releases."""
    return [with_page("releases", release_view(one, call.integrations)) for one in call.platform.releases()]


def get_release(call: Call, id_: str) -> View:
    """Show one release."""
    return with_page("releases", release_view(call.platform.release(id_), call.integrations))


def list_environments(call: Call) -> Sequence[View]:
    """List the environments."""
    with_state = flag(request, "includeState")
    views = [environment_view(one, call.platform, with_state=with_state) for one in call.platform.environments()]
    return [with_page("environments", one) for one in views]


def list_promotions(call: Call) -> Sequence[View]:
    """List the promotions."""
    return [with_page("promotions", promotion_view(one)) for one in call.platform.promotions(statuses(request))]


def create_promotion(call: Call) -> View:
    """Ask for a promotion."""
    draft = read(PromotionDraft, request)
    made = call.platform.promote(draft.release_id, draft.target_environment_id, call.subject, draft.reason)
    return with_page("promotions", promotion_view(made))


def get_promotion(call: Call, id_: str) -> View:
    """Show one promotion."""
    return with_page("promotions", promotion_view(call.platform.promotion(id_)))


def approve_promotion(call: Call, id_: str) -> View:
    """Approve a promotion."""
    approval = read(Approval, request, optional=True)
    return with_page("promotions", promotion_view(call.platform.approve(id_, call.subject, approval.comment)))


def reject_promotion(call: Call, id_: str) -> View:
    """Reject a promotion."""
    rejection = read(Rejection, request)
    return with_page("promotions", promotion_view(call.platform.reject(id_, call.subject, rejection.reason)))


OPERATIONS = (
    Operation("GET", "/releases", "release:read", list_releases),
    Operation("GET", "/releases/<id_>", "release:read", get_release),
    Operation("GET", "/environments", "release:read", list_environments),
    Operation("GET", "/promotions", "promotion:read", list_promotions),
    Operation("POST", "/promotions", "promotion:write", create_promotion, 201),
    Operation("GET", "/promotions/<id_>", "promotion:read", get_promotion),
    Operation("POST", "/promotions/<id_>/approve", "promotion:approve", approve_promotion),
    Operation("POST", "/promotions/<id_>/reject", "promotion:approve", reject_promotion),
)
