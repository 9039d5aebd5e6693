"""What health asks of storage and of whoever runs connectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from integrations_hub.connector.contract import CheckResult, Credential, CredentialNeed
from integrations_hub.health.model import Claim, HealthWindow, HistoryEntry, LatestHealth, Recorded

__all__ = ["CheckJob", "ConnectorHost", "CredentialSource", "HealthStore", "SweepStore", "ValidConfig"]


class SweepStore(Protocol):
    """Claiming and recording across tenants, through definer functions that can do only this."""

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease up to `limit` integrations that are due, soonest first; one that is leased elsewhere is skipped."""

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results with their events, each in place of its lease; return the ids written.

        A stale lease (taken over, or forgotten by a change of config) writes nothing.
        """


class HealthStore(Protocol):
    """One tenant's health: the check on demand, and what is known."""

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now, paused or not; None when it is leased already or does not exist."""

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease; False when the lease was stale."""

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration."""

    def windows(self, tenant: str, integration_id: UUID, hours: Sequence[int]) -> Sequence[HealthWindow]:
        """Return what the checks of the last so-many hours add up to; maintenance does not count."""

    def history(self, tenant: str, integration_id: UUID, before: datetime | None, limit: int) -> Sequence[HistoryEntry]:
        """Return past checks, newest first, those before `before`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckJob:
    """What a connector is asked to check. `sequence` is how many checks of the integration came before."""

    tenant_id: str
    type: str
    config: Mapping[str, Any]
    auth_ref_uri: str | None
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidConfig:
    """A config its connector accepts, in the form that is stored, and what the connector says of it."""

    config: Mapping[str, Any]
    category: str
    target: str
    credential: CredentialNeed


class ConnectorHost(Protocol):
    """Runs connectors, wherever they are: in this process, in another function, behind HTTP."""

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config, without any I/O of the connector's.

        Raises:
            Invalid: the type is not installed (the known ones are named), or the config is wrong (where, not what).
        """

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result within 20 s and never an exception of the connector's."""


class CredentialSource(Protocol):
    """Gives a check the secret its AuthRef names."""

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        """Resolve the secret for one call to `target` (`host:port`).

        Raises:
            CheckFailed: `secret_unavailable`, saying why and what to do.
        """

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        """Read a secret again that a provider rejected; None when that was done within the last minute.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
