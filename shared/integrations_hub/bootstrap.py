"""The composition root: the only place that picks adapters.

Importing it does no I/O. Each part is built when first asked for, once per process, and imports what it needs then:
a cold start is mostly imports.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from integrations_hub.connector.redaction import redact_all_records, redact_current
from integrations_hub.observability import logs, sinks
from integrations_hub.parts import Part, when_restored
from integrations_hub.settings import (
    ApiSettings,
    AuthenticationSettings,
    AwsIdentitySettings,
    ConnectorSettings,
    CredentialSettings,
    DatabaseSettings,
    DeliverySettings,
    DispatchSettings,
    EgressSettings,
    HealthSettings,
    LogSettings,
    PluginSettings,
    RetentionSettings,
    SettingsInvalid,
    TelemetrySettings,
    environment,
    load,
    secrets_set,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from pydantic import SecretStr

    from integrations_hub.audit.service import AuditService
    from integrations_hub.catalog.plugin_views import DiscoveryView
    from integrations_hub.catalog.plugins import PluginService
    from integrations_hub.catalog.reading import CatalogReader
    from integrations_hub.catalog.receipts import Receipts
    from integrations_hub.catalog.registration import Registration
    from integrations_hub.catalog.resources import ResourceService
    from integrations_hub.catalog.secret_backends import BackendStatus, SecretBackendService
    from integrations_hub.catalog.service import CatalogService
    from integrations_hub.connector.proxies import ProxyPolicy
    from integrations_hub.connector.transport import Transport
    from integrations_hub.credentials.secrets import Secrets
    from integrations_hub.dispatch.building import Checking
    from integrations_hub.events.dead_letters import DeadLetterService
    from integrations_hub.events.kick import InProcessKick
    from integrations_hub.events.ports import Kick
    from integrations_hub.events.post import GuardedPost
    from integrations_hub.events.sending import Sending
    from integrations_hub.events.service import DeliveryService
    from integrations_hub.health.maintenance import MaintenanceService
    from integrations_hub.health.messages import CheckMessages
    from integrations_hub.health.ports import ConnectorHost
    from integrations_hub.health.reading import HealthReader
    from integrations_hub.health.service import HealthService
    from integrations_hub.health.sweep import SweepService
    from integrations_hub.loop import BackgroundLoop
    from integrations_hub.observability.gauges import Gauges
    from integrations_hub.plugins.building import Connectors
    from integrations_hub.plugins.plugin_jobs import PluginJobs
    from integrations_hub.plugins.remote.building import RemoteConnectors
    from integrations_hub.plugins.remote.calls import Calls
    from integrations_hub.storage.catalog import PostgresCatalog
    from integrations_hub.storage.connections import Connections
    from integrations_hub.storage.health import PostgresHealth
    from integrations_hub.storage.plugins import PostgresPlugins
    from integrations_hub.tenants.service import TenantService
    from integrations_hub.web.token_verifier import TokenVerifier
    from integrations_hub.webhooks.service import WebhookService

__all__ = [
    "audit",
    "catalog",
    "catalog_reader",
    "check_messages",
    "connector_calls",
    "dead_letters",
    "delivery",
    "gauges",
    "health",
    "health_reader",
    "local_kick",
    "maintenance",
    "migrate_database",
    "plugin_jobs",
    "plugins",
    "readiness",
    "reset",
    "resources",
    "secret_backends",
    "stopping",
    "sweep",
    "tenants",
    "token_verifier",
    "webhooks",
]


def _configure_logs() -> None:
    settings = load(LogSettings)
    logs.configure(level=settings.level, redact=redact_current, propagate=settings.lambda_function is None)
    redact_all_records()


def _sinks() -> sinks.Sinks:
    from integrations_hub.observability.building import build_sinks

    settings, on_lambda = load(TelemetrySettings), load(LogSettings).lambda_function is not None
    return build_sinks(settings, settings.places(on_lambda=on_lambda), on_lambda=on_lambda)


_configure_logs()
sinks.install(_sinks)


def _now() -> datetime:
    return datetime.now(UTC)


def _connections(url: SecretStr | None, variable: str) -> Connections:
    from integrations_hub.storage.connections import Connections
    from integrations_hub.storage.rds_login import login

    if url is None:
        message = f"settings: {variable} is not set: this function needs the database"
        raise SettingsInvalid(message)
    dsn, password = login(url.get_secret_value(), lambda: load(AwsIdentitySettings))
    return Connections(dsn, size=load(DatabaseSettings).pool_size, password=password)


@Part
def _api_connections() -> Connections:
    return _connections(load(DatabaseSettings).api, "DATABASE_URL")


@Part
def _worker_connections() -> Connections:
    return _connections(load(DatabaseSettings).worker, "WORKER_DATABASE_URL")


@Part
def _maintenance_connections() -> Connections:
    return _connections(load(DatabaseSettings).maintenance, "MAINTENANCE_DATABASE_URL")


@Part
def _catalog_store() -> PostgresCatalog:
    from integrations_hub.storage.catalog import PostgresCatalog

    return PostgresCatalog(_api_connections(), _kick())


@Part
def _health_store() -> PostgresHealth:
    from integrations_hub.storage.health import PostgresHealth

    return PostgresHealth(_api_connections(), _kick())


@Part
def token_verifier() -> TokenVerifier:
    """Return what verifies bearer tokens."""
    from integrations_hub.web.token_verifier import TokenVerifier

    settings = load(AuthenticationSettings)
    return TokenVerifier(issuer=settings.issuer, audience=settings.audience, jwks_url=settings.jwks_url)


def readiness() -> bool:
    """Tell whether the database answers and has partitions ahead."""
    return _api_connections().ready()


@Part
def catalog() -> CatalogService:
    """Return what changes the catalogue."""
    from integrations_hub.catalog.service import CatalogService

    limit = load(ApiSettings).integrations_per_tenant
    return CatalogService(catalog_reader(), _catalog_store(), _registration(), _receipts(), limit, _now)


@Part
def catalog_reader() -> CatalogReader:
    """Return the reading of the catalogue."""
    from integrations_hub.catalog.reading import CatalogReader

    return CatalogReader(_catalog_store(), _now)


@Part
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


@Part
def health_reader() -> HealthReader:
    """Return the reading of health."""
    from integrations_hub.health.reading import HealthReader

    return HealthReader(_health_store(), _now)


@Part
def audit() -> AuditService:
    """Return the reading of the audit trail."""
    from integrations_hub.audit.service import AuditService
    from integrations_hub.storage.audit import PostgresAudit

    return AuditService(PostgresAudit(_api_connections()))


@Part
def resources() -> ResourceService:
    """Return the enumeration of what providers have."""
    from integrations_hub.catalog.resources import ResourceService

    return ResourceService(_catalog_store(), _host(), load(HealthSettings).on_demand_per_minute)


@Part
def webhooks() -> WebhookService:
    """Return the setting up of webhooks, and the receiving of what they deliver."""
    from integrations_hub.storage.webhooks import PostgresWebhooks
    from integrations_hub.webhooks.failures import Failures
    from integrations_hub.webhooks.service import WebhookService

    return WebhookService(
        PostgresWebhooks(_api_connections(), _kick()),
        _catalog_store(),
        _host(),
        _secrets(),
        Failures(limit=10, window_s=60),
        load(ApiSettings).public_url,
        load(HealthSettings).on_demand_per_minute,
    )


@Part
def plugins() -> PluginService:
    """Return the plugins' use cases."""
    from integrations_hub.catalog.plugins import PluginService

    remote = _remote()
    if remote is not None:
        return PluginService(remote.plugins, _plugin_store(), remote.plugins.isolation)
    return PluginService(_connectors().plugins, _plugin_store(), _connectors().isolation)


@Part
def _plugin_store() -> PostgresPlugins:
    from integrations_hub.storage.plugins import PostgresPlugins

    return PostgresPlugins(_api_connections())


@Part
def sweep() -> SweepService:
    """Return the sweep over all tenants."""
    return _checking().sweep


@Part
def check_messages() -> CheckMessages:
    """Return the checking of what a queue delivers."""
    return _checking().messages


@Part
def stopping() -> Event:
    """Return what is set to have checks end at once, and what they leave given back."""
    return _checking().stopping


@Part
def _checking() -> Checking:
    from integrations_hub.dispatch.building import Checking, Hosts
    from integrations_hub.storage.sweep import PostgresSweep

    settings, queues = load(HealthSettings), load(DispatchSettings)
    store = PostgresSweep(_worker_connections(), _kick(), **settings.claimed(queued=queues.queued))
    hosts = Hosts(_host, lambda: _connectors().host, _carried)
    return Checking(queues, settings, store, hosts, source=_source(), now=_now)


@Part
def delivery() -> DeliveryService:
    """Return the delivery of events."""
    from integrations_hub.events.service import DeliveryService
    from integrations_hub.storage.outbox import PostgresOutbox

    sending = _sending()
    store = PostgresOutbox(_worker_connections(), list(sending.channels))
    return DeliveryService(store, sending, _kick(), load(HealthSettings).sweep_batch, _now)


@Part
def gauges() -> Gauges:
    """Return the reading of gauges from the database."""
    from integrations_hub.observability.gauges import Gauges
    from integrations_hub.observability.labels import TenantLabel
    from integrations_hub.storage.measures import PostgresMeasures

    settings = load(TelemetrySettings)
    label = TenantLabel(settings.tenant_label, settings.tenants)
    return Gauges(PostgresMeasures(_worker_connections()), label, settings.period_s)


@Part
def dead_letters() -> DeadLetterService:
    """Return the operator's view of what was given up."""
    from integrations_hub.events.dead_letters import DeadLetterService
    from integrations_hub.storage.outbox import PostgresDeadLetters

    return DeadLetterService(PostgresDeadLetters(_worker_connections()), _kick())


@Part
def tenants() -> TenantService:
    """Return the settings of tenants."""
    from integrations_hub.storage.audit import PostgresAudit
    from integrations_hub.storage.tenants import PostgresTenants
    from integrations_hub.tenants.service import TenantService

    store, audit_store = PostgresTenants(_api_connections()), PostgresAudit(_api_connections())
    receipts = load(ApiSettings).receipt_key is not None
    return TenantService(store, _catalog_store(), audit_store, _secrets(), _sending(), receipts, _now)


@Part
def local_kick() -> InProcessKick:
    """Return what wakes delivery where everything is one process."""
    from integrations_hub.events.kick import InProcessKick

    return InProcessKick()


@Part
def maintenance() -> MaintenanceService:
    """Return the upkeep of partitions and of what is kept too long."""
    from integrations_hub.health.maintenance import Kept, MaintenanceService
    from integrations_hub.storage.maintenance import PostgresMaintenance

    settings = load(RetentionSettings)
    kept = Kept(settings.checks, settings.hours, settings.deleted, settings.delivered, settings.dead, settings.received)
    return MaintenanceService(PostgresMaintenance(_maintenance_connections()), kept, _now)


def migrate_database() -> tuple[str, DiscoveryView]:
    """Bring the schema to this release and `plugin_metadata` to what is installed; return both outcomes.

    Raises:
        SettingsInvalid: OWNER_DATABASE_URL is not set.
    """
    from integrations_hub.storage.migrate import migrate
    from integrations_hub.storage.rds_login import login

    settings = load(DatabaseSettings)
    if settings.owner is None:
        message = "settings: OWNER_DATABASE_URL is not set: migrations run as the role that owns the schema"
        raise SettingsInvalid(message)
    passwords = {role: one.get_secret_value() for role, one in settings.login_passwords.items()}
    dsn, password = login(settings.owner.get_secret_value(), lambda: load(AwsIdentitySettings))
    revision = migrate(dsn, passwords=passwords, own_password=password)
    return revision, plugins().discover_plugins()


@Part
def _connectors() -> Connectors:
    from integrations_hub.plugins.building import Connectors
    from integrations_hub.plugins.slots import Caps

    settings = load(HealthSettings)
    return Connectors(
        load(PluginSettings),
        _secrets,
        _transport,
        _loop,
        caps=Caps(settings.concurrency, settings.per_host, settings.per_tenant),
        canary_url=load(EgressSettings).canary_url,
        on_lambda=load(LogSettings).lambda_function is not None,
    )


@Part
def connector_calls() -> Calls:
    """Return what answers the calls of other functions, for the connectors of this one."""
    from integrations_hub.plugins.remote.building import calls_of

    return calls_of(_connectors(), _probed_backends, load(ConnectorSettings).call_keys, _now)


@Part
def plugin_jobs() -> PluginJobs:
    """Return what does the jobs of a stranger's own function, which has nothing of the hub's."""
    from integrations_hub.plugins.plugin_jobs import PluginJobs

    return PluginJobs(_connectors().plugins, _transport(), _loop(), secrets_set)


def _remote() -> RemoteConnectors | None:
    """Return the connectors that run in functions of their own; None where they run here."""
    where = load(ConnectorSettings)
    return _remote_connectors() if where.function or where.url else None


@Part
def _remote_connectors() -> RemoteConnectors:
    from integrations_hub.plugins.remote.building import RemoteConnectors

    at_once = load(HealthSettings).concurrency
    return RemoteConnectors(load(ConnectorSettings), _plugin_store, at_once=at_once, now=_now)


def _carried() -> Sequence[str]:
    """Return the types whose connectors run here."""
    return _connectors().plugins.types()


def _host() -> ConnectorHost:
    """Return what asks connectors, wherever they run."""
    remote = _remote()
    return remote.host if remote is not None else _connectors().host


@Part
def _registration() -> Registration:
    from integrations_hub.catalog.registration import Registration

    return Registration(_host(), _secrets(), load(HealthSettings).minimum_interval_s, _proxies().known)


@Part
def _receipts() -> Receipts:
    from integrations_hub.catalog.receipts import Receipts

    key = load(ApiSettings).receipt_key
    return Receipts(key.get_secret_value().encode() if key else None, _now)


@Part
def secret_backends() -> SecretBackendService:
    """Return the reading of the secret backends."""
    from integrations_hub.catalog.secret_backends import SecretBackendService

    remote = _remote()
    return SecretBackendService(remote.host.backends if remote is not None else _probed_backends, _now)


def _probed_backends() -> Mapping[str, BackendStatus]:
    return _loop().submit(_secrets().resolver.probe()).result()


@Part
def _secrets() -> Secrets:
    from integrations_hub.credentials.building import build_secrets
    from integrations_hub.credentials.errors import BackendsInvalid

    try:
        return build_secrets(load(CredentialSettings), environment())
    except BackendsInvalid as invalid:
        raise SettingsInvalid(f"settings: {invalid}") from None


@Part
def _loop() -> BackgroundLoop:
    import gc

    from integrations_hub.loop import BackgroundLoop

    gc.freeze()  # what is loaded by now stays: full collections of it would take a twentieth of a check
    return BackgroundLoop()


@Part
def _transport() -> Transport:
    from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
    from integrations_hub.connector.transport import Transport

    return Transport(EgressPolicy(parse_allow_list(load(EgressSettings).allow)), _proxies())


@Part
def _proxies() -> ProxyPolicy:
    from integrations_hub.connector.proxies import ProxyPolicy, parse_direct, parse_proxies

    settings = load(EgressSettings)
    return ProxyPolicy(parse_proxies(settings.proxies), settings.proxy, parse_direct(settings.no_proxy))


@Part
def _own_transport() -> Transport:
    """Return what posts where the operator says, in its own network too; a metadata service is refused all the same."""
    from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
    from integrations_hub.connector.transport import Transport

    return Transport(EgressPolicy(parse_allow_list("0.0.0.0/0, ::/0")))


def _own_post() -> GuardedPost:
    from integrations_hub.events.post import GuardedPost

    return GuardedPost(_own_transport(), _loop())


def _source() -> str:
    """Return who the hub is, as its events say."""
    return load(ApiSettings).public_url or "integrations-hub"


@Part
def _kick() -> Kick:
    from integrations_hub.channels.building import build_kick

    return build_kick(load(DeliverySettings), _source(), _own_post, local_kick())


@Part
def _sending() -> Sending:
    from integrations_hub.channels.building import build_channels
    from integrations_hub.channels.tenant_webhook import TenantWebhookChannel
    from integrations_hub.events.post import GuardedPost
    from integrations_hub.events.sending import Sending

    guarded, source = GuardedPost(_transport(), _loop()), _source()
    return Sending(
        build_channels(load(DeliverySettings), source, guarded, _own_post(), _now),
        TenantWebhookChannel(
            lambda *asked: _loop().submit(_secrets().webhook_credentials(*asked)).result(), source, guarded, _now
        ),
    )


def reset() -> None:
    """Forget every part: after a snapshot is restored, or before another configuration is read.

    Connections are closed, telemetry is sent; what is asked for next is built anew.
    """
    sinks.close()
    for connections in (_api_connections.built, _worker_connections.built, _maintenance_connections.built):
        if connections is not None:
            connections.close()
    for transport in (_transport.built, _own_transport.built):
        if transport is not None:
            _loop().submit(transport.close()).result()
    for part in Part.parts:
        part.built = None


if load(LogSettings).lambda_function is not None:
    when_restored(reset)
