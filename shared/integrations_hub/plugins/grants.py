"""The secrets one isolated call is given: resolved for where it really points, and once more when renewed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from integrations_hub.connector.contract import CheckResult, Credential, Endpoint, Target
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_hub import Grant
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.webhooks import webhook_secret
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.health.ports import ConnectorCall, CredentialSource
from integrations_hub.plugins.subjects import certificate_for, end_with

if TYPE_CHECKING:
    from integrations_hub.connector.client_certificate import ClientCertificate

__all__ = ["CheckGrants", "EventGrants", "Grants", "NoGrants", "Secrets"]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a call is given: the credential, what webhooks are proven by, and what the hub connects with."""

    credential: Credential = field(default_factory=Credential)
    webhook: tuple[Secret, ...] = ()
    certificate: ClientCertificate | None = None  # for the hub's own use: it sends the requests

    def all(self) -> tuple[Secret, ...]:
        """Return every value that must not come back."""
        shown = self.certificate.secret.fields.values() if self.certificate else ()
        return (*self.credential.fields.values(), *self.webhook, *shown)

    def grant(self) -> Grant:
        """Return the message that hands them over."""
        return Grant(
            fields={name: secret.reveal() for name, secret in self.credential.fields.items()},
            allowed_hosts=self.credential.allowed_hosts,
            webhook_secrets=tuple(secret.reveal() for secret in self.webhook),
        )


class Grants(Protocol):
    """Gives a call its secrets; `tenant` is whose call it is, None where it is nobody's."""

    @property
    def tenant(self) -> str | None:
        """Return whose secrets they are."""

    async def __call__(self, endpoint: Endpoint, target: Target, /) -> Secrets:
        """Return the secrets of a call to a target.

        Raises:
            CheckFailed: they cannot be had.
            ProtocolBroken: the connector asks for what is not its own.
        """


class NoGrants:
    """Grants nothing, to a call that is nobody's."""

    tenant: str | None = None

    async def __call__(self, _endpoint: Endpoint, _target: Target) -> Secrets:
        """Return no secrets."""
        return Secrets()


class CheckGrants:
    """Grants a call its credential and, to set up a webhook, the webhook's secret."""

    def __init__(self, source: CredentialSource, call: ConnectorCall, webhook_ref: str | None = None) -> None:
        """Resolve nothing yet."""
        self.tenant: str | None = call.tenant_id
        self._source = source
        self._call = call
        self._webhook_ref = webhook_ref
        self._target: Target | None = None
        self._credential: Credential | None = None
        self._certificate: ClientCertificate | None = None
        self._began = monotonic()

    async def __call__(self, endpoint: Endpoint, target: Target) -> Secrets:
        """Return the secrets of a call to a target.

        Raises:
            CheckFailed: they cannot be had.
            ProtocolBroken: the connector names another target when asked again, or a secret its config does not name.
        """
        if self._target is None:
            self._target, self._began = target, monotonic()
            self._credential = await self._resolved(target)
        elif target != self._target:
            raise ProtocolBroken("it points elsewhere when asked again")
        assert self._credential is not None
        webhook = await self._webhook_secret(target)
        self._certificate = await self._client_certificate(endpoint, target)
        return Secrets(self._credential, webhook, self._certificate)

    async def renewed(self) -> bool:
        """Read a rejected secret again; tell whether another has taken its place.

        Raises:
            CheckFailed: it cannot be had.
        """
        uri = self._call.auth_ref_uri
        if uri is None or self._target is None:
            return False
        fresh = await self._source.reread(self._call.tenant_id, uri, str(self._target))
        if fresh is None or fresh == self._credential:
            return False
        self._credential = fresh
        return True

    async def facts(self) -> CredentialFacts | None:
        """Return what is known of the credential beside its value, None when it cannot be had."""
        uri = self._call.auth_ref_uri
        with suppress(CheckFailed):
            return await self._source.facts(self._call.tenant_id, uri) if uri else None
        return None

    def with_end(self, result: CheckResult) -> CheckResult:
        """Return a result that tells when the client certificate ends, where that is first."""
        return end_with(result, self._certificate)

    def left_of(self, seconds: float) -> float:
        """Return what is left of a call's seconds since it was first given its secrets; at least a tenth of one."""
        return max(seconds - (monotonic() - self._began), 0.1)

    async def _resolved(self, target: Target) -> Credential:
        uri = self._call.auth_ref_uri
        if uri is None:
            return Credential()
        return await self._source.credential(self._call.tenant_id, uri, str(target))

    async def _client_certificate(self, endpoint: Endpoint, target: Target) -> ClientCertificate | None:
        reference = endpoint.client_certificate_ref
        if reference is not None and reference not in self._call.config.values():
            raise ProtocolBroken("it names a client certificate its config does not")
        return await certificate_for(endpoint, str(target), self._call.tenant_id, self._source)

    async def _webhook_secret(self, target: Target) -> tuple[Secret, ...]:
        if self._webhook_ref is None:
            return ()
        found = await self._source.credential(self._call.tenant_id, self._webhook_ref, str(target))
        return (webhook_secret(found),)


class EventGrants:
    """Grants what an inbound delivery may be proven by, and nothing else."""

    def __init__(self, source: CredentialSource, call: ConnectorCall, secret_ref: str) -> None:
        """Resolve nothing yet."""
        self.tenant: str | None = call.tenant_id
        self._source = source
        self._tenant = call.tenant_id
        self._secret_ref = secret_ref
        self._fresh: Sequence[Credential] | None = None

    async def __call__(self, _endpoint: Endpoint, _target: Target) -> Secrets:
        """Return the webhook's secret and the one it has lately replaced.

        Raises:
            CheckFailed: they cannot be had.
        """
        found = self._fresh or await self._source.webhook_credentials(self._tenant, self._secret_ref)
        return Secrets(webhook=tuple(map(webhook_secret, found)))

    async def renewed(self) -> bool:
        """Read the secrets again; tell whether that was done.

        Raises:
            CheckFailed: they cannot be had.
        """
        self._fresh = await self._source.reread_webhook_credentials(self._tenant, self._secret_ref)
        return self._fresh is not None
