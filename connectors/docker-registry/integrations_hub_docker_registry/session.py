"""One call's conversation with a registry: anonymous first, then as its challenge asks. A token lives as long.

https://distribution.github.io/distribution/spec/auth/token/ and RFC 7617 (Basic).
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.contract import Access
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.redaction import Secret
from integrations_hub_docker_registry import api, errors
from integrations_hub_docker_registry.challenge import Challenge, challenge_of, token_service
from integrations_hub_docker_registry.config import DockerRegistryConfig

__all__ = ["Session"]

_BASE = "v2/"
_UNAUTHORIZED = 401
_REFUSED = frozenset({401, 403})
_Authorization = tuple[Secret, Secret] | Secret  # user and password, or a bearer token


class Session:
    """Asks on behalf of one integration. The credential goes to the registry, and to its token service when allowed."""

    def __init__(self, access: Access[DockerRegistryConfig]) -> None:
        """Bind to one call."""
        self.anonymous = not access.credential.fields
        self._access = access
        self._challenge: Challenge | None = None
        self._tokens: dict[str, Secret] = {}

    async def begin(self) -> None:
        """See that this is a registry, and how it asks for a login; no credential is sent yet.

        Raises:
            CheckFailed: as `api.decode_base` has it.
        """
        answer = await self._send("GET", _BASE, None)
        api.decode_base(answer)
        self._challenge = challenge_of(answer) if answer.status == _UNAUTHORIZED else None

    async def log_in(self, *, scoped: bool = False) -> str:
        """Prove the credential, or that none is needed; return what was seen.

        Where a request with a scope follows (`scoped`), a caller without credential leaves the proof to that: some
        token services give anybody a token for a repository, and nobody one for nothing.

        Raises:
            CheckFailed: `credential_rejected`; `invalid_config` when a login is wanted and there is none or the secret
                lacks a field; `server_error` when registry and token service disagree; `wrong_product` for a token
                service the credential may not go to.
        """
        asked = self._challenge
        if self.anonymous and asked is None:
            return "the registry asks for no login"
        if self.anonymous and scoped and asked and asked.scheme == "bearer":
            return "no secret is named: the registry is asked as by anybody"
        answer = await self.ask(_BASE)
        if answer.status in _REFUSED:
            raise self._refused(answer)
        judge_status(answer)
        if self.anonymous:
            return "the registry's token service gives anybody a token"
        return "the registry knows the credential" if asked else "the registry asks for no login: nothing is proved"

    async def ask(
        self, path: str, scope: str = "", *, method: str = "GET", params: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask as the last challenge wants it, a first challenge being met once; a token service's refusal is an answer.

        Raises:
            CheckFailed: as the sender has it, and `log_in`.
        """
        authorization = await self._authorization(scope)
        if isinstance(authorization, Answer):
            return authorization
        answer = await self._send(method, path, authorization, params)
        if answer.status != _UNAUTHORIZED or self._challenge:
            return answer
        self._challenge = challenge_of(answer)
        return await self.ask(path, scope, method=method, params=params) if self._challenge else answer

    def _refused(self, answer: Answer) -> CheckFailed:
        challenge = challenge_of(answer)
        if self._tokens and challenge and challenge.parameters.get("error") == "invalid_token":
            return errors.untrusted()
        return errors.login_missing() if self.anonymous else errors.login_rejected(answer)

    async def _authorization(self, scope: str) -> _Authorization | Answer | None:
        """Return what to send, None for nothing, or the token service's refusal."""
        scheme = self._challenge.scheme if self._challenge else ""
        if self.anonymous and scheme != "bearer":
            if scheme:
                raise errors.login_missing()
            return None
        if scheme != "basic" and self._has_token_only():
            return self._access.credential.fields["token"]
        return await self._token(self._challenge, scope) if self._challenge and scheme == "bearer" else self._login()

    def _has_token_only(self) -> bool:
        names = self._access.credential.fields.keys()
        return "token" in names and not {"username", "password"} <= names

    def _login(self) -> tuple[Secret, Secret]:
        username, password = self._access.credential.require("username", "password")
        return username, password

    async def _token(self, challenge: Challenge, scope: str) -> Secret | Answer:
        if scope in self._tokens:
            return self._tokens[scope]
        service = token_service(challenge)
        params = {**service.params, **({"scope": scope} if scope else {})}
        sender = self._access.beyond(service.origin)
        answer = await sender.get(service.path, params=params, auth=None if self.anonymous else self._login())
        if answer.status in _REFUSED:
            return answer
        self._tokens[scope] = api.decode_token(answer)
        return self._tokens[scope]

    async def _send(
        self, method: str, path: str, authorization: _Authorization | None, params: Mapping[str, str] | None = None
    ) -> Answer:
        headers = {"Accept": api.MANIFESTS} if "/manifests/" in path else {}
        return await self._access.http.request(method, path, params=params, headers=headers, auth=authorization)
