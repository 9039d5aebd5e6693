"""Webhooks of repositories and organisations at a simulated GitHub.

https://docs.github.com/en/rest/repos/webhooks and https://docs.github.com/en/rest/orgs/webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .github_answers import Refused, page
from .github_documents import LONG_AGO, Document

__all__ = ["Hook", "answer_hook", "answer_list", "shown"]


@dataclass(slots=True)
class Hook:
    """A webhook with its secret, which no document shows."""

    id: int
    events: list[str]
    config: dict[str, str]
    active: bool = True

    def change(self, wish: Mapping[str, Any]) -> None:
        self.events, self.active = wish.get("events", self.events), wish.get("active", self.active)
        self.config = wish.get("config", self.config)

    def document(self, url: str) -> Document:
        of_repository = {
            "test_url": f"{url}/test",
            "last_response": {"code": None, "status": "unused", "message": None},
        }
        return {
            "id": self.id,
            "type": "Repository" if "/repos/" in url else "Organization",
            "name": "web",
            "active": self.active,
            "events": self.events,
            "config": shown(self.config),
            "url": url,
            "ping_url": f"{url}/pings",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            **(of_repository if "/repos/" in url else {}),
        }


def shown(config: Mapping[str, str]) -> Document:
    """Return a webhook's config as GitHub shows it."""
    return {"insecure_ssl": "0", **config, **({"secret": "********"} if config.get("secret") else {})}


def answer_list(request: web.Request, root: str, hooks: list[Hook], wish: Mapping[str, Any]) -> web.Response:
    """Answer what is asked of a list of webhooks: which there are, or one more."""
    url = f"{root}/{request.path.removeprefix('/api/v3').removeprefix('/')}"
    if request.method == "GET":
        listed, fields = page(request, root, [hook.document(f"{url}/{hook.id}") for hook in hooks])
        return web.json_response(listed, headers=fields)
    if any(hook.config["url"] == wish["config"]["url"] for hook in hooks):
        raise Refused(422, "Validation Failed", "Hook already exists on this repository")
    if "no_such_event" in wish["events"]:
        raise Refused(422, "Validation Failed", "Hook event is not included in the list")
    hook = Hook(len(hooks) + 1, wish["events"], wish["config"])
    hooks.append(hook)
    return web.json_response(hook.document(f"{url}/{hook.id}"), status=201)


def answer_hook(
    request: web.Request, root: str, hooks: list[Hook], number: str, wish: Mapping[str, Any]
) -> web.Response:
    """Answer what is asked of one webhook: to be as is wished, or to be no more."""
    hook = next((hook for hook in hooks if str(hook.id) == number), None)
    if hook is None:
        raise Refused(404, "Not Found")
    if request.method == "DELETE":
        hooks.remove(hook)
        return web.Response(status=204)
    hook.change(wish)
    return web.json_response(hook.document(f"{root}/{request.path.removeprefix('/api/v3').removeprefix('/')}"))
