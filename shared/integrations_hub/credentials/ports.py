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
    """A secret as a backend holds it: its version, how many seconds it may be kept, and when it ends."""

    values: SecretValues
    version: str | None = None
    lease_s: float | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a backend answers the hub now, and whether the hub could write there (it never does)."""

    reachable: bool
    writable: bool = False


class SecretBackend(Protocol):
    """A store of secrets. Synchronous: it is called in threads, several at once."""

    @property
    def kind(self) -> str:
        """Return what it is: `vault`, `file`, `env`."""

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        """Return one tenant's secret; `version` None is the latest.

        Raises:
            SecretUnavailable: a subclass, saying why.
        """

    def probe(self) -> Reach:
        """Ask the backend for a sign of life; never raises for one that is away."""
