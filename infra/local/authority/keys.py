"""Signing keys: one RS256 and one ES256 pair at a time, kept over restarts, the public halves published (RFC 7517).

After a rotation the old public keys stay published as long as a token signed with them can live.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from local.authority import state

__all__ = ["LONGEST_TTL_S", "KeyStore", "SigningKey"]

LONGEST_TTL_S = 24 * 3600

_NEW: dict[str, Callable[[], PrivateKeyTypes]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair. `retired_at` is in seconds since the epoch, None while it signs."""

    kid: str
    alg: str
    pem: str
    retired_at: float | None = None

    def private_key(self) -> Any:
        """Return the key to sign with."""
        return _private_key(self.pem)

    def jwk(self) -> dict[str, object]:
        """Return the public half as it is published."""
        writer = RSAAlgorithm if self.alg == "RS256" else ECAlgorithm
        public = json.loads(writer.to_jwk(self.private_key().public_key()))
        return {**public, "kid": self.kid, "alg": self.alg, "use": "sig", "key_ops": ["verify"]}

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"SigningKey(kid={self.kid!r}, alg={self.alg!r})"


class KeyStore:
    """The keys of one Authority, in one file of its state folder."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Read the keys; make the first ones where there are none."""
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._keys = tuple(SigningKey(**key) for key in state.load(path) or ())
        if not self._keys:
            self.rotate()

    def current(self, alg: str) -> SigningKey:
        """Return the key that signs with this algorithm."""
        return next(key for key in self._keys if key.alg == alg and key.retired_at is None)

    def published(self) -> dict[str, list[dict[str, object]]]:
        """Return the JWK set: the keys that sign, and the retired ones a live token may name."""
        return {"keys": [key.jwk() for key in self._keys if self._alive(key)]}

    def rotate(self) -> None:
        """Sign with new keys from now on; keep the old public ones for as long as their tokens can live."""
        with self._lock:
            now = self._clock()
            retired = [key if key.retired_at is not None else replace(key, retired_at=now) for key in self._keys]
            self._keys = (*(_new_key(alg) for alg in _NEW), *filter(self._alive, retired))
            state.save(self._path, [asdict(key) for key in self._keys])

    def _alive(self, key: SigningKey) -> bool:
        return key.retired_at is None or self._clock() - key.retired_at < LONGEST_TTL_S


@lru_cache(maxsize=16)
def _private_key(pem: str) -> Any:
    """Read a key once: checking its numbers takes a tenth of a second."""
    return serialization.load_pem_private_key(pem.encode(), password=None)


def _new_key(alg: str) -> SigningKey:
    pem = _NEW[alg]().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(kid=secrets.token_urlsafe(9), alg=alg, pem=pem.decode())
