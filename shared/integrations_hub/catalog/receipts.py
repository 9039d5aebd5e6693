"""Test receipts: proof that a draft was tested lately by the tenant that now registers it.

A receipt is `<expiry>.<HMAC-SHA256>` over the tenant, the expiry and the draft, under the deployment's key. It proves
that `POST /test` answered for exactly this body within ten minutes; it says nothing of the result's quality.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.errors import Invalid

__all__ = ["Receipts"]

_LIFETIME = timedelta(minutes=10)
_LONGEST_EXPIRY = 12  # digits


@dataclass(frozen=True, slots=True)
class Receipts:
    """Issues and verifies receipts; without a key there are none."""

    key: bytes | None
    now: Callable[[], datetime]

    def issue(self, tenant: str, draft: IntegrationDraft) -> str | None:
        """Return a receipt for a draft that was just tested; None without a key."""
        if self.key is None:
            return None
        expiry = int((self.now() + _LIFETIME).timestamp())
        return f"{expiry}.{self._signature(self.key, tenant, draft, expiry)}"

    def verify(self, tenant: str, draft: IntegrationDraft, receipt: str | None) -> bool:
        """Tell whether a valid receipt came along.

        Raises:
            Invalid: there is one and it is not for this tenant and body, or is over ten minutes old.
        """
        if receipt is None:
            return False
        expiry, _, signature = receipt.partition(".")
        if self.key is not None and expiry.isdecimal() and receipt.isascii() and len(expiry) <= _LONGEST_EXPIRY:
            right = self._signature(self.key, tenant, draft, int(expiry))
            if hmac.compare_digest(signature, right) and int(expiry) >= self.now().timestamp():
                return True
        raise Invalid(
            "X-Test-Receipt is not for this body, or is older than ten minutes: test it again, or leave it out."
        )

    @staticmethod
    def _signature(key: bytes, tenant: str, draft: IntegrationDraft, expiry: int) -> str:
        message = "\0".join((tenant, str(expiry), draft.model_dump_json(by_alias=True)))
        return urlsafe_b64encode(hmac.digest(key, message.encode(), sha256)).decode().rstrip("=")
