"""What the resolver asks of a secret backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations_hub.connector.redaction import Secret

__all__ = ["Reach", "SecretBackend", "SecretValues", "StoredSecret"]


@dataclass(frozen=True, slots=True)
class SecretValues:
    """A secret's fields, and the hosts it may be sent to: None when it does not say."""

    fields: Mapping[str, Secret]
    allowed_hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret as a backend holds it: its version, how many seconds it may be kept, when it ends and when it began.

    `rotated_at` is when this version was stored; both moments are None where the backend does not say.
    """

    values: SecretValues
    version: str | None = None
    lease_s: float | None = None
    ends_at: datetime | None = None
    rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a backend answers the hub now, and whether the hub could write there; None: it does not say.

    The hub never writes: a right to is more than it needs.
    """

    reachable: bool
    writable: bool | None = False


class SecretBackend(Protocol):
    """A store of secrets. Synchronous: it is called in threads, several at once."""

    @property
    def kind(self) -> str:
        """Return what it is, as SECRET_BACKENDS names it."""

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return one tenant's secret; `version` None is the latest.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        """Return what the secret was before `version`; a backend that keeps no versions has none.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """

    def probe(self) -> Reach:
        """Ask the backend for a sign of life; never raises for one that is away."""
