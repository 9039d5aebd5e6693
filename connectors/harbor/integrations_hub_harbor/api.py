"""What a check reads of Harbor's API, as pure functions over data. No request is sent here.

Sources: https://github.com/goharbor/harbor/blob/v2.15.2/api/v2.0/swagger.yaml and src/server/v2.0/handler.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub_harbor.documents import NOT_HARBOR, foreign, mapping

__all__ = [
    "ESSENTIAL",
    "Component",
    "SystemInfo",
    "api_root",
    "decode_health",
    "decode_ping",
    "decode_system_info",
]

# Without these no image is pushed or pulled. What is left (portal, jobservice, trivy, exporter) is comfort.
ESSENTIAL = frozenset({"core", "database", "redis", "registry", "registryctl"})

_API = ("api", "v2.0")
_PORTAL = frozenset({"account", "v2", "chartrepo", "devcenter-api-2.0"})


def api_root(endpoint: str) -> str:
    """Return the root of the API for Harbor's address; idempotent.

    A path before `/api/v2.0` is kept: Harbor may stand behind a proxy's sub-path.

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    parts = split_endpoint(endpoint)
    lower = tuple(segment.lower() for segment in parts.segments)
    given = lower[-len(_API) :] == _API
    before, lower = (parts.segments[: -len(_API)], lower[: -len(_API)]) if given else (parts.segments, lower)
    if "api" in lower:
        raise ValueError("Give Harbor's own address, or the one that ends in /api/v2.0; other API paths are not it.")
    # /harbor alone may be a proxy's sub-path; the portal's pages are below it
    if _PORTAL.intersection(lower) or "harbor" in lower[:-1]:
        raise ValueError("This is a page of Harbor's portal; give the address without the page's path.")
    return parts.url(*before, *_API)


def decode_ping(answer: Answer) -> None:
    """Accept the one answer `GET /ping` has: `Pong` as plain text (handler/ping.go).

    Raises:
        CheckFailed: `wrong_product` when it is anything else.
    """
    judge_status(answer)
    # v2.15 writes it through a text producer, older ones as a JSON string
    if answer.text().strip().strip('"') != "Pong":
        raise CheckFailed(Reason.WRONG_PRODUCT, "its ping is not answered as Harbor answers it", NOT_HARBOR)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of Harbor that does not work."""

    name: str
    error: str

    @property
    def essential(self) -> bool:
        """Tell whether images stop flowing without it; a part this connector does not know is not."""
        return self.name in ESSENTIAL


def decode_health(answer: Answer) -> tuple[Component, ...]:
    """Return the components that are down, of `GET /health`: HTTP 200 whatever the state (handler/health.go).

    Raises:
        CheckFailed: `wrong_product` when it is not Harbor's document.
    """
    judge_status(answer)
    components = mapping(answer.json(), "health").get("components")
    if not isinstance(components, list):
        raise foreign("health")
    return tuple(
        Component(str(one.get("name"))[:64], str(one.get("error") or "")[:200])
        for one in (mapping(component, "health") for component in components)
        if one.get("status") != "healthy"
    )


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """What `GET /systeminfo` tells a robot that is logged in."""

    version: str
    read_only: bool


def decode_system_info(answer: Answer) -> SystemInfo:
    """Return version and mode; only a caller who is logged in is told (handler/systeminfo.go, `Protected`).

    Raises:
        CheckFailed: `credential_rejected` when they are absent: Harbor takes a wrong, expired or disabled robot for
            an anonymous caller and answers 200. `wrong_product` when it is not Harbor's document.
    """
    judge_status(answer)
    info = mapping(answer.json(), "systeminfo")
    version = info.get("harbor_version")
    if isinstance(version, str) and version:
        return SystemInfo(version[:64], read_only=info.get("read_only") is True)
    if "auth_mode" not in info:
        raise foreign("systeminfo")
    raise CheckFailed(
        Reason.CREDENTIAL_REJECTED,
        "Harbor took the robot account for an anonymous caller",
        "Check that the robot exists, is enabled and has not expired, and that the secret holds its full name "
        "(such as robot$name, with the prefix) and its current secret.",
    )
