"""One call's requests to Harbor, as its robot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Access
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub_harbor.config import HarborConfig
from integrations_hub_harbor.documents import PAGE_SIZE

__all__ = ["Session"]


class Session:
    """Asks Harbor as the robot. `hidden` are secrets that bodies hold: answers may repeat them."""

    def __init__(self, access: Access[HarborConfig], *hidden: Secret) -> None:
        """Hold the call's sender and the robot's credential.

        Raises:
            CheckFailed: `invalid_config` when the secret lacks `username` or `password`.
        """
        username, password = access.credential.require("username", "password")
        self.robot = username.reveal()
        self.root = access.config.endpoint
        self._http = access.http
        self._auth = (username, password)
        self._hidden = [secret.reveal() for secret in (username, password, *hidden)]

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """GET a path below the root."""
        return await self._http.get(path, params=params, headers=_named(path), auth=self._auth)

    async def page(self, path: str, number: int, params: Mapping[str, str] | None = None) -> Answer:
        """GET one page of a list."""
        return await self.get(path, {**(params or {}), "page": str(number), "page_size": str(PAGE_SIZE)})

    async def send(self, method: str, path: str, document: Mapping[str, object]) -> Answer:
        """Send a document to a path below the root."""
        fields = {**_named(path), "Content-Type": "application/json"}
        content = json.dumps(document).encode()
        answer = await self._http.request(method, path, headers=fields, auth=self._auth, content=content)
        if not answer.excerpt or answer.media_type == "text/html":
            return answer
        return replace(answer, excerpt=excerpt(answer.text(), self._hidden))


def _named(path: str) -> dict[str, str]:
    """Say that a project is named where its name could be read as an ID."""
    kind, _, rest = path.partition("/")
    numeric = kind == "projects" and rest.partition("/")[0].isdigit()
    return {"X-Is-Resource-Name": "true"} if numeric else {}
