"""Secrets GitLab signs deliveries with, in the form of Standard Webhooks.

https://docs.gitlab.com/user/project/integrations/webhooks/ and
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

from base64 import b64decode

from integrations_hub.connector.redaction import Secret

__all__ = ["signing_key"]

_PREFIX = "whsec_"
_KEY_BYTES = 32


def signing_key(secret: Secret) -> bytes | None:
    """Return the key in a `whsec_…` of 32 bytes; None for a secret of another form, which GitLab takes as a token."""
    prefix, encoded = secret.reveal()[: len(_PREFIX)], secret.reveal()[len(_PREFIX) :]
    try:
        key = b64decode(encoded, validate=True) if prefix == _PREFIX else b""
    except ValueError:
        return None
    return key if len(key) == _KEY_BYTES else None
