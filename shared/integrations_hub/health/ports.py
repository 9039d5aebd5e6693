"""What health asks of storage and of whoever runs connectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from integrations_hub.connector.contract import (
    CheckResult,
    Credential,
    CredentialNeed,
    Delivery,
    ReceivedEvent,
    ResourcePage,
    Webhook,
)
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.events.model import Event
from integrations_hub.health.model import Claim, HealthOverview, LatestHealth, Look, OverviewQuery, Recorded

__all__ = [
    "CheckJob",
    "CheckQueue",
    "ConnectorCall",
    "ConnectorHost",
    "CredentialFacts",
    "CredentialSource",
    "HealthStore",
    "IncidentStore",
    "SweepStore",
    "ValidConfig",
    "WebhookRequest",
]


class SweepStore(Protocol):
    """Claiming and recording across tenants, through definer functions that can do only this."""

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease up to `limit` integrations that are due, soonest first; one that is leased elsewhere is skipped."""

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results with their events, each in place of its lease; return the ids written.

        A stale lease (taken over, or forgotten by a change of config) writes nothing. Where a provider asked to be left
        alone, all integrations of the same tenant, host and credential leave it alone: they are not claimed meanwhile.
        """

    def take(self, leases: Sequence[tuple[UUID, UUID]], lease_s: float) -> Sequence[Claim]:
        """Exchange leases that messages brought (integration, token) for fresh ones; a stale one gives nothing.

        A message that is delivered again then finds its own stale.
        """

    def give_back(self, claims: Sequence[Claim]) -> int:
        """Give leases back unused, so that what they were for is due as it was; return how many were still held."""


class CheckQueue(Protocol):
    """Carries claims to the workers that check them, as messages that hold leases and nothing of a config."""

    @property
    def look_ahead_s(self) -> float:
        """Return how far ahead claims are taken: as long as the queue can hold a message back until it is due."""

    def send(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Send claims, each to be received when it is due; return those that could not be sent."""


class IncidentStore(Protocol):
    """What many failures share, and secrets to look at: across tenants, through definer functions that do only this."""

    def open_incident(self, cause: str, event: Event) -> bool:
        """Open the incident of a cause and put its alert into the outbox; False when it is open already."""

    def close_incident(self, cause: str, event: Event) -> bool:
        """Close it and put its recovery into the outbox; False when none is open."""

    def open_incidents(self) -> Sequence[str]:
        """Return the causes of open incidents, oldest first."""

    def failing_by(self, cause: str) -> int:
        """Return how many integrations failed by a cause at their last check; paused ones do not count."""

    def claim_looks(self, limit: int) -> Sequence[Look]:
        """Return secrets it is time to look at; each comes again in five minutes."""

    def wake(self, ids: Sequence[UUID], cause: str | None, after_s: float = 0, spread_s: float = 0) -> int:
        """Bring forward the checks of these and of those that failed by a cause; return how many.

        They are due in `after_s` seconds, spread over `spread_s` more.

        A paused one stays paused, and a provider's Retry-After is obeyed.
        """


class HealthStore(Protocol):
    """One tenant's health: the check on demand, and what is known."""

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now, paused or not; None when it is leased already or does not exist."""

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease; False when the lease was stale."""

    def resting_until(self, tenant: str, target: str, auth_ref_uri: str | None) -> datetime | None:
        """Return until when a host asked to be left alone with a credential; None when it may be asked."""

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration. Its Retry-After is the host's, as above."""

    def overview(self, tenant: str, integration_id: UUID, asked: OverviewQuery) -> HealthOverview | None:
        """Return the latest check and what the past adds up to, as of one moment; None when there is no such one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorCall:
    """Which connection a connector is asked about."""

    tenant_id: str
    type: str
    config: Mapping[str, Any]
    auth_ref_uri: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckJob(ConnectorCall):
    """What a connector is asked to check. `sequence` is how many checks of the integration came before.

    A dry run is of no integration. `traceparent` is the trace it belongs to, the one under way where it is empty.
    """

    sequence: int = 0
    integration_id: UUID | None = None
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A webhook to set up, its secret still a reference; see `connector.webhooks.WebhookOrder`."""

    url: str
    secret_ref: str
    resource: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidConfig:
    """A config its connector accepts, in the form that is stored, and what the connector says of it.

    `references` are the secrets it names beside `authRefUri`, AuthRef by field; `proxy` is the one it asks for.
    """

    config: Mapping[str, Any]
    category: str
    target: str
    credential: CredentialNeed
    references: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None


class ConnectorHost(Protocol):
    """Runs connectors, wherever they are: in this process, in another function, behind HTTP."""

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config, without any I/O of the connector's.

        Raises:
            Invalid: the type is not installed (the known ones are named), or the config is wrong (where, not what).
        """

    def submit(self, job: CheckJob) -> Future[CheckResult]:
        """Start one check; its future gives the result within 20 s and never an exception of the connector's."""

    def look(self, look: Look) -> Future[CredentialFacts | None]:
        """Look at a secret without using it; its future gives None when it cannot be had, and never raises."""

    def is_over(self, cause: str) -> Future[bool]:
        """Ask what a cause is about (`backend:vault`, `egress`) for a sign of life; its future never raises."""

    def discover(self, call: ConnectorCall, kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the provider has of a kind, within 20 s.

        Raises:
            CheckFailed: why there is none; whatever is wrong with the connector included.
        """

    def setup_webhook(self, call: ConnectorCall, wanted: WebhookRequest) -> Webhook:
        """Have the provider deliver its events, within 20 s.

        Raises:
            CheckFailed: why it does not; whatever is wrong with the connector included.
        """

    def verify_event(self, call: ConnectorCall, secret_ref: str, delivery: Delivery) -> ReceivedEvent:
        """Return what an inbound delivery says, proven by the secret or by the one it has lately replaced.

        Raises:
            EventRejected: it is not proven.
            CheckFailed: that cannot be told: the secret cannot be had, or the connector failed.
        """


class CredentialSource(Protocol):
    """Gives a check the secret its AuthRef names."""

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        """Resolve the secret for one call to `target` (`host:port`).

        Raises:
            CheckFailed: `secret_unavailable`, saying why and what to do.
        """

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        """Tell what is known of a secret beside its value; costs no read of the backend right after `credential`.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        """Read a secret again that a provider rejected, at most once a minute; in between it is what is kept.

        None when there is no other to try.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """

    async def reachable(self, alias: str) -> bool:
        """Tell whether a secret backend answers now; False for one that is not there."""

    async def webhook_credentials(self, tenant: str, auth_ref_uri: str) -> Sequence[Credential]:
        """Resolve what inbound deliveries may be proven by: the secret, and the one it has lately replaced.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """

    async def reread_webhook_credentials(self, tenant: str, auth_ref_uri: str) -> Sequence[Credential] | None:
        """Read them again when none proved a delivery, at most once a minute; in between it is what is kept.

        None when there are no others to try.

        Raises:
            CheckFailed: `secret_unavailable`, as `credential`.
        """
