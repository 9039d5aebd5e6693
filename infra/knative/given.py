"""What each function is given: its part of the environment, and whom it may reach. Nothing else is in its pod.

A name is added here with the function. `infra/docs/settings.md` says what each variable means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["EVERY", "FUNCTIONS", "SECRETS", "TOKENS", "Given"]

# Secret variables, by the Secret whose key they are. What is not here is a key of the ConfigMap `integrations-hub`.
SECRETS: Mapping[str, str] = MappingProxyType(
    {
        "DATABASE_URL": "integrations-hub-database-api",
        "WORKER_DATABASE_URL": "integrations-hub-database-worker",
        "MAINTENANCE_DATABASE_URL": "integrations-hub-database-maintenance",
        "OWNER_DATABASE_URL": "integrations-hub-database-owner",
        "LOGIN_PASSWORDS": "integrations-hub-database-logins",
        "CONNECTOR_CALL_KEY": "integrations-hub-connector-calls",
        "RECEIPT_KEY": "integrations-hub-receipts",
        "EVENT_WEBHOOK_SECRET": "integrations-hub-event-webhook",
        "OTEL_EXPORTER_OTLP_HEADERS": "integrations-hub-collector",
    }
)
EVERY = (
    *("LOG_LEVEL", "METRICS", "METRICS_PERIOD", "METRICS_TENANT_LABEL", "METRICS_TENANTS"),
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME", "TRACE_SAMPLE_RATIO"),
)
TOKENS = ("ISSUER_URL", "AUDIENCE", "JWKS_URL")  # of every function whose route asks for a token

API, WORKER, MAINTENANCE, OWNER = ((name,) for name in SECRETS if name.endswith("DATABASE_URL"))
EMITS = ("PUBLIC_URL", "EVENT_KICK_SINK")
BACKENDS = ("SECRET_BACKENDS", "WEBHOOK_SECRET_OVERLAP", "FINGERPRINT_KEY_REF")
PROXIES = ("EGRESS_PROXY", "EGRESS_NO_PROXY", "EGRESS_PROXIES")
CONNECTORS = ("PLUGIN_PATHS", "PLUGIN_ALLOW_LIST", "UNCONFINED_PLUGINS", "ISOLATED_CONCURRENCY")
PROVIDERS = ("EGRESS_ALLOW", *PROXIES, "EGRESS_CANARY_URL")
AT_ONCE = ("CHECK_CONCURRENCY", "CHECKS_PER_HOST", "CHECKS_PER_TENANT")
CLAIMED = ("SWEEP_IN_ALL", "SWEEP_PER_HOST", "SWEEP_PER_TENANT")
CHANNELS = (
    *("K_SINK", "K_CE_OVERRIDES", "EVENT_SNS_TOPIC_ARN", "EVENT_BUS_NAME"),
    *("EVENT_WEBHOOK_URL", "EVENT_WEBHOOK_SECRET"),
)
RETENTION = tuple(
    f"RETENTION_{kept}_DAYS" for kept in ("CHECKS", "HOURS", "DELETED", "DELIVERED", "DEAD_LETTERS", "RECEIVED")
)
RUNS = (*CONNECTORS, *BACKENDS, *PROVIDERS, *AT_ONCE)
ASKS = ("CONNECTOR_TYPES", "CONNECTOR_URL", "CONNECTOR_CALL_KEY")


@dataclass(frozen=True, slots=True)
class Given:
    """The variables of one function, and where it may connect to.

    `reaches` are of `brokers`, `connectors`, `secret-backends` and `providers`; that it reaches the database and the
    Authority follows from its variables. `account` is its service account.
    """

    variables: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    account: str = "integrations-hub"


def _reader(*more: str) -> Given:
    return Given((*API, *more))


def _writer(*more: str) -> Given:
    return Given((*API, *EMITS, *more), ("brokers",))


def _asking_writer(*more: str) -> Given:
    return Given((*API, *EMITS, *ASKS, *more), ("brokers", "connectors"))


_DRAFTS = (*BACKENDS, *PROXIES, "MINIMUM_CHECK_INTERVAL")  # what a draft may name
_LIMITED = ("ON_DEMAND_PER_MINUTE", "CHECK_CONCURRENCY")
_TENANT_SETTINGS = (*API, *EMITS, *BACKENDS, *CHANNELS, "RECEIPT_KEY")
_SENDS = ("EGRESS_ALLOW", *PROXIES)
_DELIVERY = "integrations-hub-delivery"

FUNCTIONS: Mapping[str, Given] = MappingProxyType(
    {
        "check_integration": _asking_writer(*_LIMITED),
        "create_integration": _asking_writer(*_DRAFTS, "INTEGRATIONS_PER_TENANT", "RECEIPT_KEY"),
        "delete_integration": _writer(),
        "deliver_events": Given(
            (*WORKER, *EMITS, *BACKENDS, *CHANNELS, *_SENDS, "SWEEP_BATCH"),
            ("brokers", "secret-backends", "providers"),
            _DELIVERY,
        ),
        "discover_plugins": Given((*API, *ASKS), ("connectors",)),
        "get_integration": _reader(),
        "get_integration_health": _reader(),
        "get_liveness": Given(),
        "get_openapi": Given(),
        "get_readiness": _reader(),
        "get_settings": Given(_TENANT_SETTINGS),
        "get_summary": _reader(),
        "list_audit": _reader(),
        "list_dead_letters": Given(WORKER),
        "list_dependents": _reader(),
        "list_integration_audit": _reader(),
        "list_integrations": _reader(),
        "list_integrations_by_type": _reader(),
        "list_plugins": Given((*API, *ASKS), ("connectors",)),
        "list_resources": Given((*API, *ASKS, *_LIMITED), ("connectors",)),
        "list_secret_backends": Given(BACKENDS, ("secret-backends",), _DELIVERY),
        "maintain_storage": Given((*MAINTENANCE, *RETENTION)),
        "migrate_database": Given((*OWNER, "LOGIN_PASSWORDS", *API, *WORKER, *MAINTENANCE, *CONNECTORS)),
        "receive_event": _asking_writer(),
        "replay_dead_letters": Given((*WORKER, *EMITS), ("brokers",)),
        "restore_integration": _writer("INTEGRATIONS_PER_TENANT"),
        "run_connector": Given(
            (*WORKER, *EMITS, *RUNS, "SWEEP_BATCH", "CONNECTOR_CALL_KEY"),
            ("brokers", "secret-backends", "providers"),
            "integrations-hub-connector",
        ),
        "set_up_webhook": _asking_writer(*BACKENDS, *_LIMITED),
        "show_metrics": Given(WORKER),
        "sweep_health": Given(
            (*WORKER, *EMITS, *ASKS, *CLAIMED, "CHECK_SINK_URL", "CHECK_CONCURRENCY"), ("brokers", "connectors")
        ),
        "test_alert_route": Given((*_TENANT_SETTINGS, *_SENDS), ("brokers", "secret-backends", "providers"), _DELIVERY),
        "test_integration": _asking_writer(*_DRAFTS, *_LIMITED, "RECEIPT_KEY"),
        "update_integration": _asking_writer(*_DRAFTS),
        "update_settings": Given(_TENANT_SETTINGS),
    }
)
