"""The probes every face answers at its own root, for the platform that runs it; no token, no details."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from integrations_hub.errors import Unavailable
from integrations_hub.web.composition import composition
from integrations_hub.web.messages import Request, Response, json_answer

__all__ = ["ProbeView", "answer_probe"]


class ProbeView(BaseModel):
    """What a probe is told."""

    status: Literal["alive", "ready"]


def answer_probe(request: Request) -> Response | None:
    """Answer `/healthz` (the process runs) or `/readyz` (it can serve); None for any other request.

    Raises:
        Unavailable: the part readiness depends on is away.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    path = request.path.removesuffix("/")
    if path == "/healthz":
        return json_answer(200, ProbeView(status="alive"))
    if path == "/readyz":
        if not composition().readiness():
            raise Unavailable("The hub is not ready: its database does not answer.")
        return json_answer(200, ProbeView(status="ready"))
    return None
