"""What a call of a connector needs beside the connector: its secret, and a sender bound to its endpoint."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.health.ports import ConnectorCall, CredentialSource
from integrations_hub.plugins.subjects import Subject

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender

__all__ = ["Reach"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Secrets, the transport, and what one call may cost."""

    credentials: CredentialSource
    transport: Transport
    limits: Limits

    async def credential(self, call: ConnectorCall, subject: Subject) -> Credential:
        """Return the secret of a call; without fields where it names none.

        Raises:
            CheckFailed: `secret_unavailable`.
        """
        if call.auth_ref_uri is None:
            return Credential()
        return await self.credentials.credential(call.tenant_id, call.auth_ref_uri, subject.target)

    async def fresh(
        self, call: ConnectorCall, subject: Subject, credential: Credential, reason: Reason
    ) -> Credential | None:
        """Return the secret that has taken the place of a rejected one, None where there is none."""
        if reason is not Reason.CREDENTIAL_REJECTED or call.auth_ref_uri is None:
            return None
        fresh = await self.credentials.reread(call.tenant_id, call.auth_ref_uri, subject.target)
        return fresh if fresh != credential else None

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts | None:
        """Return what is known of a secret beside its value, None when it cannot be had."""
        with suppress(CheckFailed):
            return await self.credentials.facts(tenant, auth_ref_uri)
        return None

    def sender(self, subject: Subject, limit_s: float) -> Sender:
        """Return a sender for one question, with so much time left."""
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really checks

        return Sender(self.transport, subject.endpoint, self.limits, subject.client_certificate, limit_s)
