"""Telling that a secret changed where its backend keeps no versions: an HMAC of its value, under the deployment's key.

Never a bare digest: a weak password could be guessed back from it. The key is itself a secret behind an AuthRef, of no
tenant's, so that every process of a deployment comes to the same fingerprint.
"""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import dataclass

from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.errors import SecretUnavailable
from integrations_hub.credentials.policy import DEPLOYMENT
from integrations_hub.credentials.resolver import Resolver

__all__ = ["Fingerprints"]

_SHORTEST_KEY = 32  # characters
_DIGITS = 32  # of hexadecimal: 128 bits
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes fingerprints; without a key there are none."""

    resolver: Resolver
    key_ref: AuthRef | None

    async def of(self, tenant: str, ref: AuthRef, credential: Credential) -> str | None:
        """Return `h<key>:<fingerprint>`, equal for equal values of one reference; None when the key cannot be had.

        `<key>` tells keys apart: fingerprints under two keys say nothing about each other.
        """
        key = await self._key()
        if key is None:
            return None
        fields = {name: secret.reveal() for name, secret in credential.fields.items()}
        document = json.dumps([tenant, str(ref), fields], sort_keys=True).encode()
        return f"h{_digest(key, b'key')[:8]}:{_digest(key, document)}"

    async def _key(self) -> bytes | None:
        if self.key_ref is None:
            return None
        try:
            found = (await self.resolver.resolve(DEPLOYMENT, self.key_ref, host=None)).credential.fields
        except SecretUnavailable as unavailable:
            _log.warning("no fingerprints: their key cannot be had", extra={"secretBackend": unavailable.alias})
            return None
        secret = found.get(self.key_ref.key or "token") or found.get("binary")
        if secret is None or len(secret.reveal()) < _SHORTEST_KEY:
            _log.warning("no fingerprints: their key must be one value of at least 32 characters")
            return None
        return secret.reveal().encode()


def _digest(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, "sha256").hexdigest()[:_DIGITS]
