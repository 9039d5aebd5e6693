"""One call's requests to GitLab, with its token. https://docs.gitlab.com/api/rest/authentication/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Access
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub_gitlab.config import GitLabConfig

__all__ = ["Session"]

_JSON = {"Content-Type": "application/json"}


class Session:
    """Asks GitLab as the token's user. `hidden` are secrets that bodies hold: answers may repeat them."""

    def __init__(self, access: Access[GitLabConfig], *hidden: Secret) -> None:
        """Hold the call's sender and token.

        Raises:
            CheckFailed: `invalid_config` when the secret has no field `token`.
        """
        (token,) = access.credential.require("token")
        self.root = access.config.endpoint
        self._http = access.http
        self._fields = {"PRIVATE-TOKEN": token}
        self._hidden = [secret.reveal() for secret in (token, *hidden)]

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """GET a path below the root."""
        return await self._http.get(path, params=params, headers=self._fields)

    async def send(self, method: str, path: str, document: Mapping[str, object] | None = None) -> Answer:
        """Send a document to a path below the root."""
        content = None if document is None else json.dumps(document).encode()
        answer = await self._http.request(method, path, headers={**self._fields, **_JSON}, content=content)
        if not answer.excerpt or answer.media_type == "text/html":
            return answer
        return replace(answer, excerpt=excerpt(answer.text(), self._hidden))
