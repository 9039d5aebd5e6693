"""One call's conversation with GitHub: as the App, by a token it signs, and as its installation, by one GitHub gives.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from time import time

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.contract import Access
from integrations_hub.connector.redaction import Secret, excerpt
from integrations_hub_github import api
from integrations_hub_github.config import GitHubConfig
from integrations_hub_github.errors import provider_time
from integrations_hub_github.grants import METADATA, Grant, InstallationToken, decode_token
from integrations_hub_github.keys import AppKey, app_token
from integrations_hub_github.tokens import InstallationTokens, TokenKey

__all__ = ["Session"]

_NOTABLE_SKEW_S = 30.0
_UNAUTHORIZED = 401


class Session:
    """Asks on behalf of one integration. `skew_s` is how far GitHub's clock is ahead, once that had to be known."""

    def __init__(
        self, access: Access[GitHubConfig], key: AppKey, tokens: InstallationTokens, hidden: Iterable[Secret] = ()
    ) -> None:
        """Bind to one call; `hidden` is what no excerpt may show beside the credentials."""
        self.skew_s = 0.0
        self.root = access.config.endpoint
        self._http, self._config, self._key, self._tokens = access.http, access.config, key, tokens
        self._hidden = tuple(secret.reveal() for secret in hidden)
        self._app_token: Secret | None = None
        self._held: dict[Grant, Secret] = {}
        self._installation = f"app/installations/{access.config.installation_id}"

    def confirm(self, app: api.App) -> None:
        """Return when the App is the config's.

        Raises:
            CheckFailed: `invalid_config` when it is another.
        """
        app.confirm(self._config.app_id, self._config.client_id)

    async def as_app(self, method: str, path: str, content: bytes | None = None) -> Answer:
        """Ask as the App; once more by GitHub's own clock when it refuses and that clock is another."""
        answer = await self._send(method, path, self._signed(), content=content)
        said = provider_time(answer)
        skew = self.skew_s if said is None else said - time()
        if answer.status != _UNAUTHORIZED or abs(skew - self.skew_s) < _NOTABLE_SKEW_S:
            return answer
        self.skew_s, self._app_token = skew, None
        return await self._send(method, path, self._signed(), content=content)

    async def get_installation(self) -> Answer:
        """Ask, as the App, about its installation."""
        return await self.as_app("GET", self._installation)

    async def token(self, grant: Grant = METADATA) -> Secret:
        """Return a token of the installation with these rights: one that is kept, else a new one.

        Raises:
            CheckFailed: as `decode_token` has it.
        """
        if grant not in self._held:
            self._held[grant] = await self._tokens.get(self._purpose(grant), partial(self._mint, grant))
        return self._held[grant]

    async def as_installation(
        self,
        method: str,
        path: str,
        grant: Grant = METADATA,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Ask as the installation; a token that is refused is forgotten, and one asked for in its place, once."""
        token = await self.token(grant)
        answer = await self._send(method, path, token, params=params, content=content)
        if answer.status != _UNAUTHORIZED:
            return answer
        self._tokens.drop(self._purpose(grant), token)
        del self._held[grant]
        return await self._send(method, path, await self.token(grant), params=params, content=content)

    def _signed(self) -> Secret:
        self._app_token = self._app_token or app_token(self._key, self._config.issuer, time() + self.skew_s)
        return self._app_token

    def _purpose(self, grant: Grant) -> TokenKey:
        config = self._config
        return TokenKey(config.endpoint, config.issuer, config.installation_id, self._key.fingerprint, grant)

    async def _mint(self, grant: Grant) -> InstallationToken:
        answer = await self.as_app("POST", f"{self._installation}/access_tokens", grant.wish)
        return decode_token(answer, grant, time() + self.skew_s)

    async def _send(
        self,
        method: str,
        path: str,
        token: Secret,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        bearer = Secret(f"Bearer {token.reveal()}")
        headers: dict[str, str | Secret] = {**api.HEADERS, "Authorization": bearer}
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = await self._http.request(method, path, params=params, headers=headers, content=content)
        if not answer.excerpt or answer.media_type == "text/html":
            return answer
        # the sender knows the whole header as secret; a server may send back the token alone, or the body
        return replace(answer, excerpt=excerpt(answer.text(), (token.reveal(), bearer.reveal(), *self._hidden)))
