"""Everything a deployment can set, one frozen class per concern. The only module that reads the environment.

Each class names its variables as aliases; `load(SomeSettings)` reads them and refuses a wrong one with a sentence
that names the variable and never its value. `infra/docs/settings.md` lists them all; a test compares.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, Json, SecretStr, ValidationError, field_validator, model_validator

__all__ = [
    "ApiSettings",
    "AuthenticationSettings",
    "AwsIdentitySettings",
    "ConnectorSettings",
    "CredentialSettings",
    "DatabaseSettings",
    "DeliverySettings",
    "DispatchSettings",
    "EgressSettings",
    "HealthSettings",
    "LogSettings",
    "PluginSettings",
    "RetentionSettings",
    "SettingsInvalid",
    "TelemetrySettings",
    "check_settings",
    "environment",
    "load",
    "secrets_set",
]

_TYPE = re.compile(r"[a-z][a-z0-9-]{0,62}")
_SHORTEST_KEY = 32
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class SettingsInvalid(Exception):
    """A setting is missing or wrong; the message names the variable and what it must be."""


class Settings(BaseModel):
    """Base of all settings: frozen, and silent about values."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="ignore", defer_build=True)


class DatabaseSettings(Settings):
    """Where PostgreSQL is, as libpq URLs, one per role; a function is given only the one it needs.

    On RDS Proxy `postgresql+rds-iam://role@host:5432/name` logs in by IAM, without a password.
    """

    api: SecretStr | None = Field(None, alias="DATABASE_URL", description="as role hub_api")
    worker: SecretStr | None = Field(None, alias="WORKER_DATABASE_URL", description="as role hub_worker")
    maintenance: SecretStr | None = Field(None, alias="MAINTENANCE_DATABASE_URL", description="as role hub_maintenance")
    owner: SecretStr | None = Field(None, alias="OWNER_DATABASE_URL", description="as the role that migrates")
    login_passwords: Json[dict[str, SecretStr]] = Field(
        default="{}",
        alias="LOGIN_PASSWORDS",
        validate_default=True,
        description="JSON: login role to the password that migrate_database gives it",
    )
    pool_size: int = Field(8, alias="DATABASE_POOL_SIZE", ge=1, le=200, description="connections per process; 1 on AWS")


class AwsIdentitySettings(Settings):
    """Who a function is on AWS, for database URLs that log in by IAM; AWS sets them all."""

    region: str | None = Field(None, alias="AWS_REGION", description="the region")
    access_key: str | None = Field(None, alias="AWS_ACCESS_KEY_ID", description="the role's key")
    secret_key: SecretStr | None = Field(None, alias="AWS_SECRET_ACCESS_KEY", description="its secret")
    session_token: SecretStr | None = Field(None, alias="AWS_SESSION_TOKEN", description="its session")
    credentials_url: str | None = Field(
        None,
        alias="AWS_CONTAINER_CREDENTIALS_FULL_URI",
        pattern="^https?://.+",
        description="where the keys are asked for instead: after a start from a snapshot, in containers",
    )
    credentials_token: SecretStr | None = Field(
        None, alias="AWS_CONTAINER_AUTHORIZATION_TOKEN", description="what is sent there"
    )


class AuthenticationSettings(Settings):
    """Who issues tokens, and for whom."""

    issuer: str = Field(alias="ISSUER_URL", description="the Authority, as in the claim `iss`")
    audience: str = Field("integrations-hub", alias="AUDIENCE", description="what the claim `aud` must hold")
    jwks_url: str | None = Field(None, alias="JWKS_URL", description="signing keys; found by discovery when not set")


class CredentialSettings(Settings):
    """Secret backends by alias."""

    backends: Json[dict[str, dict[str, object]]] = Field(
        default="{}", alias="SECRET_BACKENDS", validate_default=True, description="JSON: alias to backend settings"
    )
    development: bool = Field(
        default=False, alias="DEVELOPMENT_SECRETS", description="allow the `env` and `file` backends"
    )
    webhook_overlap_s: int = Field(
        86_400,
        alias="WEBHOOK_SECRET_OVERLAP",
        ge=0,
        description="seconds; how long a webhook secret's version before still verifies events",
    )
    fingerprint_key_ref: str | None = Field(
        None,
        alias="FINGERPRINT_KEY_REF",
        description="AuthRef of the key that tells rotations where a backend keeps no versions",
    )


class PluginSettings(Settings):
    """Where connectors are looked for besides entry points."""

    paths: str = Field("", alias="PLUGIN_PATHS", description="folders, separated by the system's path separator")
    allowed: str = Field(
        "", alias="PLUGIN_ALLOW_LIST", description="`distribution@sha256` entries, separated by commas"
    )
    functions: str = Field(
        "",
        alias="PLUGIN_FUNCTIONS",
        pattern=r"^[A-Za-z0-9:_, -]*$",
        description="other connectors' own Lambda functions (empty role, no VPC), by name or ARN, separated by commas",
    )
    unconfined: Literal["refuse", "allow"] = Field(
        "refuse",
        alias="UNCONFINED_PLUGINS",
        description="`allow` runs other connectors even where their process cannot be confined",
    )
    isolated: int = Field(
        8, alias="ISOLATED_CONCURRENCY", ge=1, le=100, description="confined processes at once; each may take 512 MiB"
    )

    @property
    def function_names(self) -> tuple[str, ...]:
        """Return strangers' own Lambda functions."""
        return _listed(self.functions)


class ConnectorSettings(Settings):
    """Where connectors run, when not in this process: one function each, called over Lambda or over HTTP."""

    types: str = Field("", alias="CONNECTOR_TYPES", description="the types that have a function, separated by commas")
    function: str | None = Field(
        None,
        alias="CONNECTOR_FUNCTION",
        pattern=r"^[A-Za-z0-9:_{}-]{1,170}$",
        description="their Lambda functions: a name or ARN with `{type}` where the connector's type belongs",
    )
    url: str | None = Field(
        None,
        alias="CONNECTOR_URL",
        pattern="^https?://.+",
        description="their Knative Services: a URL with `{type}` where the connector's type belongs",
    )
    call_key: SecretStr | None = Field(
        None,
        alias="CONNECTOR_CALL_KEY",
        min_length=32,
        description="signs calls over HTTP; several, separated by commas, are all believed, and the first one signs",
    )

    @property
    def type_names(self) -> tuple[str, ...]:
        """Return the types that have a function, sorted."""
        return tuple(sorted(set(_listed(self.types))))

    @property
    def call_keys(self) -> tuple[str, ...]:
        """Return the keys, the one that signs first."""
        return _listed(self.call_key.get_secret_value()) if self.call_key else ()

    @field_validator("types")
    @classmethod
    def _words(cls, text: str) -> str:
        if not all(map(_TYPE.fullmatch, _listed(text))):
            message = "must be types as connectors have them (`harbor`), separated by commas"
            raise ValueError(message)
        return text

    @field_validator("call_key")
    @classmethod
    def _long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and min(map(len, _listed(key.get_secret_value())), default=0) < _SHORTEST_KEY:
            message = f"each key must have at least {_SHORTEST_KEY} characters"
            raise ValueError(message)
        return key

    @model_validator(mode="after")
    def _complete(self) -> Self:
        message = ""
        if self.function and self.url:
            message = "CONNECTOR_FUNCTION and CONNECTOR_URL are two ways to the same connectors: set one"
        elif (self.function or self.url) and not self.type_names:
            message = "CONNECTOR_TYPES must name the connectors that have a function"
        elif self.url and not self.call_key:
            message = "CONNECTOR_URL needs CONNECTOR_CALL_KEY, which signs the calls"
        if message:
            raise ValueError(message)
        return self


class EgressSettings(Settings):
    """Which private networks checks may reach, through which proxies, and what tells that it is us who reach nobody."""

    allow: str = Field("", alias="EGRESS_ALLOW", description="CIDR ranges, separated by commas")
    proxy: str | None = Field(None, alias="EGRESS_PROXY", description="`http://host:port` for all that goes out")
    no_proxy: str = Field(
        "", alias="EGRESS_NO_PROXY", description="hosts, `.suffixes` and CIDR ranges that EGRESS_PROXY is not for"
    )
    proxies: str = Field(
        "", alias="EGRESS_PROXIES", description="further proxies that a config may name, separated by commas"
    )
    canary_url: str | None = Field(
        None,
        alias="EGRESS_CANARY_URL",
        pattern="^https?://.+",
        description="an address of your own; while it does not answer either, failed checks are not the providers'",
    )

    @field_validator("allow")
    @classmethod
    def _networks(cls, text: str) -> str:
        from integrations_hub.connector.egress import parse_allow_list  # noqa: PLC0415 - few functions have one set

        parse_allow_list(text)
        return text

    @field_validator("proxy")
    @classmethod
    def _one_proxy(cls, text: str | None) -> str | None:
        from integrations_hub.connector.endpoint import proxy_url  # noqa: PLC0415 - as above

        return proxy_url(text) if text else None

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, text: str) -> str:
        from integrations_hub.connector.proxies import parse_proxies  # noqa: PLC0415 - as above

        parse_proxies(text)
        return text

    @field_validator("no_proxy")
    @classmethod
    def _direct(cls, text: str) -> str:
        from integrations_hub.connector.proxies import parse_direct  # noqa: PLC0415 - as above

        parse_direct(text)
        return text


class HealthSettings(Settings):
    """How checks run."""

    minimum_interval_s: int = Field(60, alias="MINIMUM_CHECK_INTERVAL", ge=5, description="seconds")
    sweep_batch: int = Field(
        200,
        alias="SWEEP_BATCH",
        ge=1,
        le=1000,
        description="integrations claimed at once; never more than CHECK_CONCURRENCY",
    )
    concurrency: int = Field(50, alias="CHECK_CONCURRENCY", ge=1, le=1000, description="checks at once per process")
    per_host: int = Field(10, alias="CHECKS_PER_HOST", ge=1, le=1000, description="checks at once per process and host")
    per_tenant: int = Field(
        40, alias="CHECKS_PER_TENANT", ge=1, le=1000, description="checks at once per process and tenant"
    )
    due_in_all: int = Field(
        5000, alias="SWEEP_IN_ALL", ge=1, description="due checks claimed and not yet recorded, in all processes"
    )
    due_per_host: int = Field(50, alias="SWEEP_PER_HOST", ge=1, description="the same, of one host")
    due_per_tenant: int = Field(500, alias="SWEEP_PER_TENANT", ge=1, description="the same, of one tenant")
    on_demand_per_minute: int = Field(60, alias="ON_DEMAND_PER_MINUTE", ge=1, description="per tenant")

    def claimed(self, *, queued: bool) -> dict[str, int]:
        """Return the caps of the claim, as it names them.

        Without a queue no more is claimed of a host or tenant than is checked at once: what waits would take the room
        of others.
        """
        host, tenant = self.due_per_host, self.due_per_tenant
        if not queued:
            host, tenant = min(host, self.per_host), min(tenant, self.per_tenant)
        return {"outstanding": self.due_in_all, "per_target": host, "per_tenant": tenant}


class DispatchSettings(Settings):
    """How due checks reach their workers; with neither set, the sweep checks them itself."""

    queue_url: str | None = Field(
        None,
        alias="CHECK_QUEUE_URL",
        pattern="^https?://.+",
        description="SQS queues, one per connector: their URL with `{type}` where the connector's type belongs",
    )
    sink_url: str | None = Field(
        None, alias="CHECK_SINK_URL", pattern="^https?://.+", description="a Knative Broker or Channel, for CloudEvents"
    )

    @property
    def queued(self) -> bool:
        """Tell whether others check what the sweep claims."""
        return bool(self.queue_url or self.sink_url)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.queue_url and self.sink_url:
            message = "CHECK_QUEUE_URL and CHECK_SINK_URL are two ways for the same checks: set one"
            raise ValueError(message)
        return self


class ApiSettings(Settings):
    """How the API presents itself."""

    public_url: str | None = Field(None, alias="PUBLIC_URL", description="where others reach the hub")
    receipt_key: SecretStr | None = Field(
        None, alias="RECEIPT_KEY", min_length=32, description="signs test receipts; without it there are none"
    )
    integrations_per_tenant: int = Field(10_000, alias="INTEGRATIONS_PER_TENANT", ge=1, description="at most")


class DeliverySettings(Settings):
    """Where events go; always to the log."""

    webhook_url: str | None = Field(None, alias="EVENT_WEBHOOK_URL", description="an HTTPS address (HTTP on loopback)")
    webhook_secret: SecretStr | None = Field(
        None, alias="EVENT_WEBHOOK_SECRET", description="`whsec_` and base64, as Standard Webhooks has it"
    )
    sns_topic_arn: str | None = Field(
        None,
        alias="EVENT_SNS_TOPIC_ARN",
        pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,251}(\.fifo)?$",
        description="an SNS topic",
    )
    bus_name: str | None = Field(
        None,
        alias="EVENT_BUS_NAME",
        pattern=r"^[A-Za-z0-9/:._-]{1,400}$",
        description="an EventBridge bus, by name or ARN",
    )
    sink: str | None = Field(
        None, alias="K_SINK", pattern="^https?://", description="a Knative sink; a SinkBinding sets it"
    )
    overrides: Json[dict[str, dict[str, str]]] = Field(
        default="{}",
        alias="K_CE_OVERRIDES",
        validate_default=True,
        description="JSON: `extensions` of every event to the sink; a SinkBinding sets it",
    )
    kick_queue_url: str | None = Field(
        None, alias="EVENT_KICK_QUEUE_URL", pattern="^https?://", description="the SQS queue that starts deliver_events"
    )
    kick_sink: str | None = Field(
        None,
        alias="EVENT_KICK_SINK",
        pattern="^https?://",
        description="where a CloudEvent starts deliver_events; without either, in this process",
    )

    @property
    def extensions(self) -> Mapping[str, str]:
        """Return the CloudEvents extensions every event to the sink carries."""
        return self.overrides.get("extensions", {})

    @field_validator("webhook_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            message = "must begin with https:// (http:// on loopback only)"
            raise ValueError(message)
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _decodable(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            try:
                key = b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
            except ValueError:
                key = b""
            if not key:
                message = "must be `whsec_` and base64"
                raise ValueError(message)
        return secret


class LogSettings(Settings):
    """How the hub logs: JSON lines on standard error."""

    level: str = Field("INFO", alias="LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="the least level")
    lambda_function: str | None = Field(
        None, alias="AWS_LAMBDA_FUNCTION_NAME", description="set by AWS Lambda, whose own log handler is then left out"
    )


class TelemetrySettings(Settings):
    """Where metrics and spans go, and how tenants are named in metrics."""

    metrics: str = Field(
        "",
        alias="METRICS",
        description="`emf`, `otlp`, `prometheus`, separated by commas, or `none`; "
        "when not set `emf` on AWS Lambda, elsewhere `otlp` where there is a collector",
    )
    namespace: str = Field(
        "IntegrationsHub", alias="METRICS_NAMESPACE", pattern=r"^[A-Za-z0-9/._#:-]{1,255}$", description="in CloudWatch"
    )
    period_s: float = Field(
        15,
        alias="METRICS_PERIOD",
        ge=0.1,
        le=3600,
        description="seconds; how often gauges are read from the database, and metrics pushed",
    )
    tenant_label: Literal["plain", "hashed", "off"] = Field(
        "plain",
        alias="METRICS_TENANT_LABEL",
        description="the label `tenant`: its name, a hash of it, or `*` for all",
    )
    tenants: int = Field(
        200,
        alias="METRICS_TENANTS",
        ge=0,
        le=10_000,
        description="tenants with a label of their own, the largest; all others are `*` together",
    )
    collector_url: str | None = Field(
        None,
        alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        pattern="^https?://.+",
        description="an OpenTelemetry collector's base address for OTLP over HTTP; without it no span is kept",
    )
    collector_headers: SecretStr | None = Field(
        None,
        alias="OTEL_EXPORTER_OTLP_HEADERS",
        description="`name=value` for the collector, separated by commas",
    )
    service: str = Field("integrations-hub", alias="OTEL_SERVICE_NAME", description="what the collector calls the hub")
    sample_ratio: float = Field(
        1.0,
        alias="TRACE_SAMPLE_RATIO",
        ge=0,
        le=1,
        description="share of the traces begun here that is recorded; of others their beginner says it",
    )

    @model_validator(mode="after")
    def _known_places(self) -> Self:
        unknown = set(self._named()) - {"emf", "otlp", "prometheus", "none"}
        if unknown or ("none" in self._named() and len(self._named()) > 1):
            message = "METRICS may name emf, otlp and prometheus, separated by commas, or none"
            raise ValueError(message)
        if "otlp" in self._named() and not self.collector_url:
            message = "METRICS names otlp: set OTEL_EXPORTER_OTLP_ENDPOINT too"
            raise ValueError(message)
        return self

    def places(self, *, on_lambda: bool) -> list[str]:
        """Return where metrics go."""
        named = self._named() or (["emf"] if on_lambda else ["otlp"] if self.collector_url else [])
        return [one for one in named if one != "none"]

    def _named(self) -> list[str]:
        return list(dict.fromkeys(one.strip() for one in self.metrics.split(",") if one.strip()))


class RetentionSettings(Settings):
    """How long things are kept, in days."""

    checks: int = Field(35, alias="RETENTION_CHECKS_DAYS", ge=1, description="raw checks")
    hours: int = Field(396, alias="RETENTION_HOURS_DAYS", ge=31, description="checks rolled up by the hour; 13 months")
    deleted: int = Field(90, alias="RETENTION_DELETED_DAYS", ge=1, description="deleted integrations")
    delivered: int = Field(7, alias="RETENTION_DELIVERED_DAYS", ge=1, description="delivered events")
    dead: int = Field(30, alias="RETENTION_DEAD_LETTERS_DAYS", ge=1, description="events that were given up")
    received: int = Field(
        90,
        alias="RETENTION_RECEIVED_DAYS",
        ge=7,
        description="what is known of received webhook deliveries; one that comes again later counts as new",
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def check_settings() -> None:
    """Read every settings class, before anything is started that would find out by and by.

    Raises:
        SettingsInvalid: naming each variable of the first class that is missing or wrong.
    """
    for kind in Settings.__subclasses__():
        load(kind)


SettingsT = TypeVar("SettingsT", bound=Annotated[Settings, "any settings class"])


_OF_THE_ROLE = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}


def secrets_set() -> tuple[str, ...]:
    """Return the variables that are set and hold a secret of the hub's, or say where one is.

    The keys of a function's own role are none: Lambda sets them in every function, and nobody else can.
    """
    fields = (field for kind in Settings.__subclasses__() for field in kind.model_fields.values())
    names = {str(field.alias) for field in fields if SecretStr in get_args(field.annotation)}
    return tuple(sorted(name for name in (names | {"SECRET_BACKENDS"}) - _OF_THE_ROLE if os.environ.get(name)))


def environment() -> Mapping[str, str]:
    """Return the process's environment, for the secret backend of kind `env`."""
    return os.environ


def load(kind: type[SettingsT]) -> SettingsT:
    """Read one settings class from the environment; an empty variable counts as not set.

    Raises:
        SettingsInvalid: naming each variable that is missing or wrong.
    """
    try:
        return kind.model_validate({name: value for name, value in os.environ.items() if value})
    except ValidationError as invalid:
        wrong = "; ".join(
            # of a class as a whole the sentence names the variables itself
            ": ".join((*map(str, error["loc"][:1]), error["msg"].removeprefix("Value error, ")))
            for error in invalid.errors(include_input=False)
        )
        raise SettingsInvalid(f"settings: {wrong}") from None
