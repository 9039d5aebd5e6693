"""One check's conversation with GitHub: as the App, by a token it signs, and as its installation, by one GitHub gives.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
"""

from __future__ import annotations

import json
from dataclasses import replace
from time import time

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Probe
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub_github import api
from integrations_hub_github.config import GitHubConfig
from integrations_hub_github.errors import provider_time
from integrations_hub_github.keys import AppKey, app_token
from integrations_hub_github.tokens import InstallationToken, InstallationTokens, TokenKey

__all__ = ["Session"]

# never more than a check reads with: what the App may do beyond it stays out of reach
_NARROWED = (("metadata", "read"),)
_NOTABLE_SKEW_S = 30.0
_UNAUTHORIZED = 401


class Session:
    """Asks on behalf of one integration. `skew_s` is how far GitHub's clock is ahead, once that had to be known."""

    def __init__(self, probe: Probe[GitHubConfig], key: AppKey, tokens: InstallationTokens) -> None:
        """Bind to one check."""
        self.skew_s = 0.0
        self._http, self._config, self._key, self._tokens = probe.http, probe.config, key, tokens
        self._app_token = app_token(key, probe.config.issuer, time())
        self._installation = f"app/installations/{probe.config.installation_id}"

    async def get_app(self) -> Answer:
        """Ask GitHub which App this is; once more by GitHub's own clock when it refuses and that clock is another."""
        answer = await self._send("GET", "app", self._app_token)
        said = provider_time(answer)
        skew = 0.0 if said is None else said - time()
        if answer.status != _UNAUTHORIZED or abs(skew) < _NOTABLE_SKEW_S:
            return answer
        self.skew_s, self._app_token = skew, app_token(self._key, self._config.issuer, time() + skew)
        return await self._send("GET", "app", self._app_token)

    async def get_installation(self) -> Answer:
        """Ask, as the App, about its installation."""
        return await self._send("GET", self._installation, self._app_token)

    async def token(self) -> Secret:
        """Return a token of the installation: one that is kept, else a new one.

        Raises:
            CheckFailed: as `decode_token` has it.
        """
        return await self._tokens.get(self._token_key, self._mint)

    async def get_as_installation(self, path: str, token: Secret) -> Answer:
        """Ask as the installation; a token that is refused is forgotten, and one asked for in its place, once."""
        answer = await self._send("GET", path, token)
        if answer.status != _UNAUTHORIZED:
            return answer
        self._tokens.drop(self._token_key, token)
        return await self._send("GET", path, await self.token())

    @property
    def _token_key(self) -> TokenKey:
        config = self._config
        return TokenKey(config.endpoint, config.issuer, config.installation_id, self._key.fingerprint, _NARROWED)

    async def _mint(self) -> InstallationToken:
        wish = json.dumps({"permissions": dict(_NARROWED)}).encode()
        answer = await self._send("POST", f"{self._installation}/access_tokens", self._app_token, wish)
        return api.decode_token(answer, time() + self.skew_s)

    async def _send(self, method: str, path: str, token: Secret, content: bytes | None = None) -> Answer:
        bearer = Secret(f"Bearer {token.reveal()}")
        headers: dict[str, str | Secret] = {**api.HEADERS, "Authorization": bearer}
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = await self._http.request(method, path, headers=headers, content=content)
        if not answer.excerpt or answer.media_type == "text/html":
            return answer
        # the sender knows the whole header as secret; a server may send back the token alone
        return replace(answer, excerpt=excerpt(answer.text(), (token.reveal(), bearer.reveal())))
