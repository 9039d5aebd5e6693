"""The App's private key, and the JSON Web Token it signs.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["AppKey", "AppKeys", "app_token"]

_LONGEST_PEM = 4096  # 4096 bits take 3272; checking a key takes time that grows with the cube of its size
_BITS = range(2048, 4097)
_KEPT = 4096
_BACKDATED_S = 60
_VALID_S = 480  # GitHub takes ten minutes by its own clock: two are left for ours being fast


@dataclass(frozen=True, slots=True)
class AppKey:
    """A loaded private key, and the SHA-256 of its text."""

    fingerprint: str
    private: RSAPrivateKey = field(repr=False)


class AppKeys:
    """The keys of one process, loaded once each: checking an RSA key's numbers takes 40 ms."""

    def __init__(self) -> None:
        """Start empty."""
        self._keys: OrderedDict[str, AppKey] = OrderedDict()

    def get(self, pem: Secret) -> AppKey:
        """Return the key of a PEM text.

        Raises:
            CheckFailed: `invalid_config` when it is not an RSA private key of 2048 to 4096 bits without a password.
        """
        text = pem.reveal().replace("\\n", "\n").strip()  # as one-line stores keep it
        fingerprint = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        key = self._keys.get(fingerprint) or AppKey(fingerprint, _load(text))
        self._keys[fingerprint] = key
        self._keys.move_to_end(fingerprint)
        if len(self._keys) > _KEPT:
            self._keys.popitem(last=False)
        return key


def app_token(key: AppKey, issuer: str, now: float) -> Secret:
    """Return a token by which the App speaks for itself (RFC 7519, RS256); `now` in seconds, by GitHub's clock."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - who only reads schemas signs nothing
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - as above

    claims = {"iat": int(now) - _BACKDATED_S, "exp": int(now) + _VALID_S, "iss": issuer}
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = key.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return Secret(f"{signed}.{_base64(signature)}")


def _part(document: Mapping[str, object]) -> str:
    return _base64(json.dumps(document, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _load(text: str) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    key = None
    if len(text) <= _LONGEST_PEM:
        try:
            key = load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None  # raised below: the library's exception is no one's to read
    if isinstance(key, RSAPrivateKey) and key.key_size in _BITS:
        return key
    raise CheckFailed(
        Reason.INVALID_CONFIG,
        "the secret's private_key is not an RSA private key of 2048 to 4096 bits as PEM text without a password",
        "Store the .pem file GitHub gave for the App, whole and unchanged.",
        step=StepName.AUTHENTICATE,
    )
