"""The composition root: the only place that picks adapters.

Importing it does no I/O. Each part is built when first asked for, once per process, and imports what it needs then:
a cold start is mostly imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from integrations_hub.connector.redaction import redact_current
from integrations_hub.observability import logs
from integrations_hub.settings import (
    ApiSettings,
    AuthenticationSettings,
    CredentialSettings,
    DatabaseSettings,
    DeliverySettings,
    EgressSettings,
    HealthSettings,
    LogSettings,
    PluginSettings,
    RetentionSettings,
    SettingsInvalid,
    environment,
    load,
)

if TYPE_CHECKING:
    from pydantic import SecretStr

    from integrations_hub.audit.service import AuditService
    from integrations_hub.catalog.plugins import PluginService
    from integrations_hub.catalog.reading import CatalogReader
    from integrations_hub.catalog.receipts import Receipts
    from integrations_hub.catalog.registration import Registration
    from integrations_hub.catalog.service import CatalogService
    from integrations_hub.connector.transport import Transport
    from integrations_hub.credentials.secrets import Secrets
    from integrations_hub.events.ports import Channel
    from integrations_hub.events.service import DeliveryService
    from integrations_hub.health.maintenance import MaintenanceService
    from integrations_hub.health.ports import ConnectorHost
    from integrations_hub.health.reading import HealthReader
    from integrations_hub.health.service import HealthService
    from integrations_hub.health.sweep import SweepService
    from integrations_hub.loop import BackgroundLoop
    from integrations_hub.plugins.registry import Plugins
    from integrations_hub.storage.catalog import PostgresCatalog
    from integrations_hub.storage.connections import Connections
    from integrations_hub.storage.health import PostgresHealth
    from integrations_hub.web.token_verifier import TokenVerifier

__all__ = [
    "audit",
    "catalog",
    "catalog_reader",
    "delivery",
    "health",
    "health_reader",
    "maintenance",
    "migrate_database",
    "plugins",
    "readiness",
    "reset",
    "sweep",
    "token_verifier",
]

T = TypeVar("T")


class _Part(Generic[T]):
    """A part of the hub: built when first asked for, once, however many threads ask at that moment."""

    parts: ClassVar[list[_Part[Any]]] = []
    _lock = RLock()  # one for all: builders ask for other parts

    def __init__(self, build: Callable[[], T]) -> None:
        """Remember how to build it."""
        self.__doc__ = build.__doc__
        self.built: T | None = None
        self._build = build
        self.parts.append(self)

    def __call__(self) -> T:
        """Return the part."""
        if self.built is None:
            with self._lock:
                self.built = self._build() if self.built is None else self.built
        return self.built


def _configure_logs() -> None:
    settings = load(LogSettings)
    logs.configure(level=settings.level, redact=redact_current, propagate=settings.lambda_function is None)


_configure_logs()


def _now() -> datetime:
    return datetime.now(UTC)


def _connections(url: SecretStr | None, variable: str) -> Connections:
    from integrations_hub.storage.connections import Connections

    if url is None:
        message = f"settings: {variable} is not set: this function needs the database"
        raise SettingsInvalid(message)
    return Connections(url.get_secret_value(), size=load(DatabaseSettings).pool_size)


@_Part
def _api_connections() -> Connections:
    return _connections(load(DatabaseSettings).api, "DATABASE_URL")


@_Part
def _worker_connections() -> Connections:
    return _connections(load(DatabaseSettings).worker, "WORKER_DATABASE_URL")


@_Part
def _maintenance_connections() -> Connections:
    return _connections(load(DatabaseSettings).maintenance, "MAINTENANCE_DATABASE_URL")


@_Part
def _catalog_store() -> PostgresCatalog:
    from integrations_hub.storage.catalog import PostgresCatalog

    return PostgresCatalog(_api_connections())


@_Part
def _health_store() -> PostgresHealth:
    from integrations_hub.storage.health import PostgresHealth

    return PostgresHealth(_api_connections())


@_Part
def token_verifier() -> TokenVerifier:
    """Return what verifies bearer tokens."""
    from integrations_hub.web.token_verifier import TokenVerifier

    settings = load(AuthenticationSettings)
    return TokenVerifier(issuer=settings.issuer, audience=settings.audience, jwks_url=settings.jwks_url)


def readiness() -> bool:
    """Tell whether the database answers and has partitions ahead."""
    return _api_connections().ready()


@_Part
def catalog() -> CatalogService:
    """Return what changes the catalogue."""
    from integrations_hub.catalog.service import CatalogService

    limit = load(ApiSettings).integrations_per_tenant
    return CatalogService(catalog_reader(), _catalog_store(), _registration(), _receipts(), limit, _now)


@_Part
def catalog_reader() -> CatalogReader:
    """Return the reading of the catalogue."""
    from integrations_hub.catalog.reading import CatalogReader

    return CatalogReader(_catalog_store(), _now)


@_Part
def health() -> HealthService:
    """Return the checks a tenant asks for."""
    from integrations_hub.health.service import HealthService
    from integrations_hub.storage.audit import PostgresAudit

    return HealthService(
        health_reader(),
        _health_store(),
        _host(),
        _catalog_store(),
        PostgresAudit(_api_connections()),
        _registration(),
        _receipts(),
        load(HealthSettings).on_demand_per_minute,
        _now,
    )


@_Part
def health_reader() -> HealthReader:
    """Return the reading of health."""
    from integrations_hub.health.reading import HealthReader

    return HealthReader(_health_store(), _now)


@_Part
def audit() -> AuditService:
    """Return the reading of the audit trail."""
    from integrations_hub.audit.service import AuditService
    from integrations_hub.storage.audit import PostgresAudit

    return AuditService(PostgresAudit(_api_connections()))


@_Part
def plugins() -> PluginService:
    """Return the plugins' use cases."""
    from integrations_hub.catalog.plugins import PluginService
    from integrations_hub.storage.plugins import PostgresPlugins

    return PluginService(_plugins(), PostgresPlugins(_api_connections()))


@_Part
def sweep() -> SweepService:
    """Return the sweep over all tenants."""
    from integrations_hub.health.sweep import SweepService
    from integrations_hub.storage.sweep import PostgresSweep

    settings = load(HealthSettings)
    batch = min(settings.sweep_batch, settings.concurrency)  # a claim that waits for a slot would outlive its lease
    return SweepService(PostgresSweep(_worker_connections()), _host(), batch, _now)


@_Part
def delivery() -> DeliveryService:
    """Return the delivery of events."""
    from integrations_hub.events.channels import LogChannel
    from integrations_hub.events.service import DeliveryService
    from integrations_hub.storage.outbox import PostgresOutbox

    source = load(ApiSettings).public_url or "integrations-hub"
    channels: list[Channel] = [LogChannel(source)]
    channels += _webhooks(source)
    return DeliveryService(PostgresOutbox(_worker_connections()), channels, load(HealthSettings).sweep_batch, _now)


@_Part
def maintenance() -> MaintenanceService:
    """Return the upkeep of partitions and of what is kept too long."""
    from integrations_hub.health.maintenance import Kept, MaintenanceService
    from integrations_hub.storage.maintenance import PostgresMaintenance

    settings = load(RetentionSettings)
    kept = Kept(settings.checks, settings.deleted, settings.delivered)
    return MaintenanceService(PostgresMaintenance(_maintenance_connections()), kept, _now)


def migrate_database() -> str:
    """Bring the schema to this release and `plugin_metadata` to what is installed; return the revision.

    Raises:
        SettingsInvalid: OWNER_DATABASE_URL is not set.
    """
    from integrations_hub.storage.migrate import migrate

    owner = load(DatabaseSettings).owner
    if owner is None:
        message = "settings: OWNER_DATABASE_URL is not set: migrations run as the role that owns the schema"
        raise SettingsInvalid(message)
    revision = migrate(owner.get_secret_value())
    plugins().discover_plugins()
    return revision


@_Part
def _plugins() -> Plugins:
    from integrations_hub.plugins.registry import Plugins

    settings = load(PluginSettings)
    paths = [Path(path) for path in settings.paths.split(os.pathsep) if path]
    return Plugins(paths, frozenset(one.strip() for one in settings.allowed.split(",") if one.strip()))


@_Part
def _registration() -> Registration:
    from integrations_hub.catalog.registration import Registration

    return Registration(_host(), _secrets(), load(HealthSettings).minimum_interval_s)


@_Part
def _receipts() -> Receipts:
    from integrations_hub.catalog.receipts import Receipts

    key = load(ApiSettings).receipt_key
    return Receipts(key.get_secret_value().encode() if key else None, _now)


@_Part
def _secrets() -> Secrets:
    from integrations_hub.credentials.backends import build_backends
    from integrations_hub.credentials.errors import BackendsInvalid
    from integrations_hub.credentials.resolver import Resolver
    from integrations_hub.credentials.secrets import Secrets

    settings = load(CredentialSettings)
    try:
        backends = build_backends(settings.backends, development=settings.development, environment=environment())
    except BackendsInvalid as invalid:
        raise SettingsInvalid(f"settings: {invalid}") from None
    return Secrets(Resolver(backends))


@_Part
def _loop() -> BackgroundLoop:
    from integrations_hub.loop import BackgroundLoop

    return BackgroundLoop()


@_Part
def _transport() -> Transport:
    from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
    from integrations_hub.connector.transport import Transport

    return Transport(EgressPolicy(parse_allow_list(load(EgressSettings).allow)))


@_Part
def _host() -> ConnectorHost:
    from integrations_hub.plugins.in_process import InProcessHost

    concurrency = load(HealthSettings).concurrency
    return InProcessHost(_plugins(), _secrets(), _transport(), _loop(), concurrency=concurrency)


def _webhooks(source: str) -> Sequence[Channel]:
    """Return the webhook channel, when the deployment names one."""
    from integrations_hub.events.channels import WebhookChannel
    from integrations_hub.events.post import GuardedPost

    settings = load(DeliverySettings)
    if settings.webhook_url is None:
        return ()
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    return [WebhookChannel(settings.webhook_url, secret, source, GuardedPost(_transport(), _loop()), _now)]


def reset() -> None:
    """Forget every part: after a snapshot is restored, or before another configuration is read.

    Connections are closed; what is asked for next is built anew.
    """
    for connections in (_api_connections.built, _worker_connections.built, _maintenance_connections.built):
        if connections is not None:
            connections.close()
    if _transport.built is not None:
        _loop().submit(_transport.built.close()).result()
    for part in _Part.parts:
        part.built = None
