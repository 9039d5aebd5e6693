"""What the rest of the hub asks of this room: a reference's stored form, and a credential for one check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.errors import SecretUnavailable, UnknownAlias
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.errors import Invalid, Violation

__all__ = ["Secrets"]

_BETWEEN_REREADS_S = 60.0
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Secrets:
    """Registration's `SecretReferences` and health's `CredentialSource`, over one resolver."""

    resolver: Resolver
    clock: Callable[[], float] = time.monotonic
    _reread_at: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def canonical(self, uri: str) -> str:
        """Return a reference as it is stored.

        Raises:
            Invalid: it is no AuthRef, or names no known backend; the sentence never repeats it.
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
        raise Invalid("The secret's reference is not valid.", [Violation("/authRefUri", sentence)])

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        """Resolve a secret for one call to `target` (`host:port`).

        Raises:
            CheckFailed: `secret_unavailable`, saying why and what to do.
        """
        try:
            resolved = await self.resolver.resolve(tenant, AuthRef.parse(auth_ref_uri), host=target)
        except SecretUnavailable as unavailable:
            evidence, remedy = f"{unavailable.alias}: {unavailable.evidence}", unavailable.remedy
        except AuthRefInvalid as invalid:
            evidence, remedy = f"authRefUri {invalid}", "Update the integration with a valid authRefUri."
        else:
            return resolved.credential
        raise CheckFailed(Reason.SECRET_UNAVAILABLE, evidence, remedy, step=StepName.AUTHENTICATE)

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        """Read a secret again that a provider rejected: it may have been rotated since it was kept.

        None when that was done within the last minute: a wrong secret is not worth a read of the backend each time.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
        now, key = self.clock(), (tenant, auth_ref_uri)
        if now - self._reread_at.get(key, -_BETWEEN_REREADS_S) < _BETWEEN_REREADS_S:
            return None
        if len(self._reread_at) >= _REMEMBERED:
            self._reread_at.clear()
        self._reread_at[key] = now
        self.resolver.drop(tenant, AuthRef.parse(auth_ref_uri))
        return await self.credential(tenant, auth_ref_uri, target)
