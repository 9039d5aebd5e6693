"""Webhook secrets during a rotation: a provider may sign with the old one for a while after the new one was stored.

The current version counts, the one before while the current is young, and what the secret itself names as its
predecessor: the field `previous_webhook_secret` (with `#key`, `previous_<key>`), for backends that keep no versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from integrations_hub.connector.contract import Credential
from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.errors import SecretUnavailable
from integrations_hub.credentials.resolver import ResolvedSecret, Resolver

__all__ = ["webhook_credentials"]

_FIELD = "webhook_secret"


async def webhook_credentials(
    resolver: Resolver, tenant: str, ref: AuthRef, host: str | None, overlap_s: float
) -> Sequence[Credential]:
    """Return what may have signed an event, the current secret first; each has a field `webhook_secret` if it can.

    A predecessor that cannot be had is left out: it must not refuse what the current secret signed. An empty secret is
    left out too: anybody could have signed with it.

    Raises:
        SecretUnavailable: the current secret cannot be had.
    """
    current = await resolver.resolve(tenant, ref, host=host)
    found = [_named(current.credential, ref.key)]
    with suppress(SecretUnavailable, AuthRefInvalid):
        named = replace(ref, key=f"previous_{ref.key or _FIELD}")
        found.append(_named((await resolver.resolve(tenant, named, host=host)).credential, named.key))
    if ref.version is None and current.version is not None and _young(current, resolver.clock(), overlap_s):
        with suppress(SecretUnavailable):
            before = await resolver.resolve_before(tenant, ref, current.version, host=host)
            found.append(_named(before.credential, ref.key))
    return tuple(one for nth, one in enumerate(found) if one not in found[:nth] and not _empty(one))


def _empty(credential: Credential) -> bool:
    secret = credential.fields.get(_FIELD)
    return secret is not None and not secret.reveal()


def _young(current: ResolvedSecret, now: float, overlap_s: float) -> bool:
    """Tell whether a version was stored within the overlap; one of unknown age was not."""
    return current.rotated_at is not None and now - current.rotated_at.timestamp() < overlap_s


def _named(credential: Credential, key: str | None) -> Credential:
    """Return the credential with the secret under the name connectors ask for: the field, the keyed one, the text."""
    fields = credential.fields
    secret = next((fields[name] for name in (_FIELD, key or "", "token") if name in fields), None)
    return Credential({**fields, _FIELD: secret}) if secret else credential
