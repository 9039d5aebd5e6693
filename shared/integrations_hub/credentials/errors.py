"""Why a secret cannot be had. A connector's check shows these as data; nothing here repeats a path or a value.

SecretUnavailable
├── BackendUnavailable   the backend is away, for every secret in it
│   └── OwnVaultUnavailable   a tenant's own vault is away, for that tenant
├── HostNotAllowed       the secret says it must not go to this host
├── SecretForbidden      the backend refuses; it never says whether the secret exists
├── SecretNotFound       no such secret, version or field under this tenant
└── UnknownAlias         the deployment has no backend of this name
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BackendUnavailable",
    "BackendsInvalid",
    "HostNotAllowed",
    "OwnVaultUnavailable",
    "SecretForbidden",
    "SecretNotFound",
    "SecretUnavailable",
    "UnknownAlias",
]


class BackendsInvalid(ValueError):
    """The deployment's settings of secrets are wrong; the message names the setting and never a value."""


class SecretUnavailable(Exception):
    """A secret cannot be had: what was seen and what to do, both safe to show to the tenant."""

    def __init__(self, alias: str, evidence: str, remedy: str) -> None:
        """Keep the sentences."""
        super().__init__(f"{alias}: {evidence}")
        self.alias = alias
        self.evidence = evidence
        self.remedy = remedy

    @property
    def cause_key(self) -> str | None:
        """Return what one alert is about when many secrets fail together; None when it is only this secret."""
        return None


class BackendUnavailable(SecretUnavailable):
    """The backend is away, sealed, or refuses the hub itself."""

    @property
    def cause_key(self) -> str | None:
        """Return the backend, as every secret in it is affected."""
        return f"backend:{self.alias}"


class OwnVaultUnavailable(BackendUnavailable):
    """The vault that is one tenant's alone is away, or was never made; other tenants' need not be."""

    @property
    def cause_key(self) -> str | None:
        """Return None: what one tenant lacks is no incident of the backend's."""
        return None


class HostNotAllowed(SecretUnavailable):
    """The secret's `allowed_hosts` does not list the host it would be sent to."""


class SecretForbidden(SecretUnavailable):
    """The backend refuses this read. The same words whether the secret exists or not."""


class SecretNotFound(SecretUnavailable):
    """There is no such secret, version or field under this tenant."""


class UnknownAlias(SecretUnavailable):
    """The reference names a backend the deployment does not have."""

    def __init__(self, alias: str, known: Iterable[str]) -> None:
        """Keep the names that would do."""
        self.known = tuple(sorted(known))
        names = ", ".join(self.known) or "none"
        super().__init__(alias, "the hub has no secret backend of this name", f"Use one of the backends: {names}.")
