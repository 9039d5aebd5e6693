"""Deliveries signed as Standard Webhooks has it, in plain steps: the connector's own way is not used."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

__all__ = ["signature"]


def signature(body: bytes, secret: str, at: datetime, name: str = "f5e5f430-1") -> dict[str, str]:
    """Return the fields of a signed delivery."""
    key, stamp = base64.b64decode(secret.removeprefix("whsec_")), str(int(at.timestamp()))
    signed = b".".join([name.encode(), stamp.encode(), body])
    proof = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{proof}"}
