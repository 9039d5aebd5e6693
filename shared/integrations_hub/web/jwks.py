"""The Authority's public keys: read when first needed, kept ten minutes, read again when a token names an unknown one.

RFC 7517 (JWK sets), OpenID Connect Discovery 1.0 §4 (where they are). Keys outlive an Authority that is away:
it can then revoke none, but it could not be asked either.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from integrations_hub.errors import Extras, Unavailable
from integrations_hub.web.fetch import Unreachable, fetch_json, trusted_url

if TYPE_CHECKING:
    from jwt import PyJWK

__all__ = ["ALGORITHMS", "KeySource"]

# The key each algorithm may be used with (RFC 7518 §3.1, RFC 8037 §3.1): a public key is never an HMAC secret.
ALGORITHMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {"RS256": ("RSA", None), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
)

_FRESH_S = 600.0
_BETWEEN_REFETCHES_S = 30.0
_BETWEEN_FIRST_FETCHES_S = 2.0
_COME_BACK_S = 5
_MIN_RSA_BITS = 2048

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one reading gave: (kid, algorithm, key), and when, in seconds since the epoch."""

    keys: Sequence[tuple[str | None, str, PyJWK]]
    read_at: float

    def pick(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """Return the key named, or for a token without `kid` the only key of its algorithm."""
        fitting = [key for known, fits, key in self.keys if fits == algorithm and kid in {None, known}]
        return fitting[0] if len(fitting) == 1 or (fitting and kid is not None) else None


class KeySource:
    """The public keys of one issuer. One reading at a time; wall clock, so that a restored snapshot's keys are old."""

    def __init__(self, issuer: str, jwks_url: str | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Name the issuer; `jwks_url` spares the discovery.

        Raises:
            ValueError: a URL is not https, nor http on loopback.
        """
        self._issuer = trusted_url(issuer)
        self._jwks_url = trusted_url(jwks_url) if jwks_url else None
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: _Keys | None = None
        self._asked_at = float("-inf")

    def key(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """Return the key of a token's header, or None when the Authority publishes no such key.

        Raises:
            Unavailable: the keys were never read and cannot be now.
        """
        keys = self._keys
        if keys is None:
            keys = self._first()
        elif not 0 <= self._clock() - keys.read_at < _FRESH_S:
            keys = self._again(keys, wait=False)
        return keys.pick(kid, algorithm) or self._again(keys, wait=True).pick(kid, algorithm)

    def _first(self) -> _Keys:
        with self._lock:
            if self._keys is None and self._may_ask(_BETWEEN_FIRST_FETCHES_S):
                self._keys = self._read()
            if self._keys is None:
                raise Unavailable(
                    "The Authority's keys cannot be read, so no token can be verified. Try again shortly.",
                    extras=Extras(headers={"Retry-After": str(_COME_BACK_S)}),
                )
            return self._keys

    def _again(self, seen: _Keys, *, wait: bool) -> _Keys:
        """Read again, unless another thread just did or it is too soon; keep what was seen when that fails."""
        if not self._lock.acquire(blocking=wait):
            return seen
        try:
            if self._keys is seen and self._may_ask(_BETWEEN_REFETCHES_S):
                self._keys = self._read() or seen
            return self._keys or seen
        finally:
            self._lock.release()

    def _may_ask(self, apart: float) -> bool:
        now = self._clock()
        allowed = not 0 <= now - self._asked_at < apart
        if allowed:
            self._asked_at = now
        return allowed

    def _read(self) -> _Keys | None:
        try:
            published = fetch_json(self._jwks_url or self._discover()).get("keys")
        except (Unreachable, ValueError) as fault:
            _log.warning("the Authority's keys cannot be read: %s", fault)
            return None
        usable = _usable(published) if isinstance(published, list) else []
        if not usable:
            _log.warning("the Authority publishes no key for %s", ", ".join(ALGORITHMS))
            return None
        return _Keys(usable, self._clock())

    def _discover(self) -> str:
        found = fetch_json(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise Unreachable("the discovery document names another issuer")  # OpenID Connect Discovery §4.3
        return str(found.get("jwks_uri"))  # what it may be is checked where it is fetched


def _usable(published: list[object]) -> list[tuple[str | None, str, PyJWK]]:
    """Keep the keys that verify one of our algorithms; others may stand there for other services."""
    from jwt import PyJWK, PyJWTError  # noqa: PLC0415 - brings cryptography

    usable = []
    for jwk in published:
        algorithm = _algorithm(jwk) if isinstance(jwk, dict) else None
        if algorithm is None or not isinstance(jwk, dict):
            continue
        try:
            key = PyJWK(jwk, algorithm=algorithm)
        except (PyJWTError, ValueError, TypeError):
            continue
        if getattr(key.key, "key_size", _MIN_RSA_BITS) >= _MIN_RSA_BITS or algorithm != "RS256":
            usable.append((jwk.get("kid"), algorithm, key))
    return usable


def _algorithm(jwk: Mapping[str, object]) -> str | None:
    """Return what a JWK may verify (RFC 7517 §4.2-4.4), or None: not for signatures, or not one of ours."""
    for algorithm, (kind, curve) in ALGORITHMS.items():
        if jwk.get("kty") == kind and (curve is None or jwk.get("crv") == curve):
            operations = jwk.get("key_ops", ["verify"])
            verifies = isinstance(operations, list) and "verify" in operations
            fits = jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig"
            return algorithm if verifies and fits else None
    return None
