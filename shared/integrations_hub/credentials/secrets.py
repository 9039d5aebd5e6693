"""What the rest of the hub asks of this room: a reference's stored form, and a credential for one check."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import remember
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.errors import SecretUnavailable, UnknownAlias
from integrations_hub.credentials.fingerprint import Fingerprints
from integrations_hub.credentials.overlap import webhook_credentials
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.errors import Invalid, Violation

__all__ = ["Secrets"]

_BETWEEN_REREADS_S = 60.0
_REMEMBERED = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Registration's `SecretReferences` and health's `CredentialSource`, over one resolver."""

    resolver: Resolver
    clock: Callable[[], float] = time.monotonic
    overlap_s: float = 86_400.0
    fingerprint_key: AuthRef | None = None
    _reread_at: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def canonical(self, uri: str, pointer: str = "/authRefUri") -> str:
        """Return a reference as it is stored.

        Raises:
            Invalid: it is no AuthRef, or names no known backend; the sentence never repeats it, `pointer` says where.
        """
        try:
            ref = AuthRef.parse(uri)
            self.resolver.check_alias(ref)
        except AuthRefInvalid as invalid:
            sentence = str(invalid)
        except UnknownAlias as unknown:
            sentence = f"names no secret backend of this hub; known are: {', '.join(unknown.known) or 'none'}"
        else:
            return str(ref)
        raise Invalid("The secret's reference is not valid.", [Violation(pointer, sentence)])

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        """Resolve a secret for one call to `target` (`host:port`).

        Raises:
            CheckFailed: `secret_unavailable`, saying why and what to do.
        """
        resolved = await _explained(auth_ref_uri, lambda ref: self.resolver.resolve(tenant, ref, host=target))
        remember(resolved.credential)
        return resolved.credential

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        """Tell what is known of a secret beside its value, from what is kept of it while that is fresh.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
        return await _explained(auth_ref_uri, lambda ref: self._facts(tenant, ref))

    async def _facts(self, tenant: str, ref: AuthRef) -> CredentialFacts:
        resolved = await self.resolver.resolve(tenant, ref, host=None)
        if resolved.version is not None:
            revision: str | None = f"v:{resolved.version}"
        else:
            revision = await Fingerprints(self.resolver, self.fingerprint_key).of(tenant, ref, resolved.credential)
        return CredentialFacts(revision, resolved.rotated_at, resolved.ends_at)

    async def reachable(self, alias: str) -> bool:
        """Tell whether a secret backend answers now; False for one that is not there."""
        return alias in self.resolver.backends and (await self.resolver.status(alias)).reachable

    async def webhook_credentials(
        self, tenant: str, auth_ref_uri: str, target: str | None = None
    ) -> Sequence[Credential]:
        """Resolve what may have signed an inbound event: the current secret, then its predecessors in the overlap.

        `target` is where the secret would go; an inbound event sends it nowhere. The connector asks each credential
        for its field `webhook_secret`.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
        found = await _explained(
            auth_ref_uri, lambda ref: webhook_credentials(self.resolver, tenant, ref, target, self.overlap_s)
        )
        for credential in found:
            remember(credential)
        return found

    async def reread_webhook_credentials(
        self, tenant: str, auth_ref_uri: str, target: str | None = None
    ) -> Sequence[Credential]:
        """Read them again when no kept one made a signature: the secret may have been rotated a moment ago.

        The backend is asked at most once a minute, whoever sends wrong signatures; in between it is what is kept.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
        self._forget(tenant, auth_ref_uri)
        return await self.webhook_credentials(tenant, auth_ref_uri, target)

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        """Read a secret again that a provider rejected: it may have been rotated since it was kept.

        The backend is asked at most once a minute, for a wrong secret is not worth more. In between it is what is
        kept: where many checks are rejected at once, the first has read it anew for all.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
        self._forget(tenant, auth_ref_uri)
        return await self.credential(tenant, auth_ref_uri, target)

    def _forget(self, tenant: str, auth_ref_uri: str) -> None:
        """Drop what is kept of a secret, at most once a minute."""
        now, key = self.clock(), (tenant, auth_ref_uri)
        if now - self._reread_at.get(key, -_BETWEEN_REREADS_S) < _BETWEEN_REREADS_S:
            return
        if len(self._reread_at) >= _REMEMBERED:
            self._reread_at.clear()
        self._reread_at[key] = now
        self.resolver.drop(tenant, AuthRef.parse(auth_ref_uri))


_parsed = lru_cache(maxsize=_REMEMBERED)(AuthRef.parse)


async def _explained(auth_ref_uri: str, resolve: Callable[[AuthRef], Awaitable[T]]) -> T:
    """Return what was resolved, or raise the reason as a check shows it.

    Raises:
        CheckFailed: `secret_unavailable`, saying why and what to do.
    """
    try:
        return await resolve(_parsed(auth_ref_uri))
    except SecretUnavailable as unavailable:
        evidence, remedy = f"{unavailable.alias}: {unavailable.evidence}", unavailable.remedy
        cause = unavailable.cause_key
    except AuthRefInvalid as invalid:
        evidence, remedy, cause = f"authRefUri {invalid}", "Update the integration with a valid authRefUri.", None
    raise CheckFailed(Reason.SECRET_UNAVAILABLE, evidence, remedy, step=StepName.AUTHENTICATE, cause=cause)
