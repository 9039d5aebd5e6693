"""Everything a deployment can set, one frozen class per concern. The only module that reads the environment.

Each class names its variables as aliases; `load(SomeSettings)` reads them and refuses a wrong one with a sentence
that names the variable and never its value. `infra/docs/settings.md` lists them all; a test compares.
"""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, Json, SecretStr, ValidationError, field_validator

__all__ = [
    "ApiSettings",
    "AuthenticationSettings",
    "CredentialSettings",
    "DatabaseSettings",
    "DeliverySettings",
    "EgressSettings",
    "HealthSettings",
    "LogSettings",
    "PluginSettings",
    "RetentionSettings",
    "SettingsInvalid",
    "check_settings",
    "environment",
    "load",
]

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class SettingsInvalid(Exception):
    """A setting is missing or wrong; the message names the variable and what it must be."""


class Settings(BaseModel):
    """Base of all settings: frozen, and silent about values."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="ignore", defer_build=True)


class DatabaseSettings(Settings):
    """Where PostgreSQL is, as libpq URLs, one per role; a function is given only the one it needs."""

    api: SecretStr | None = Field(None, alias="DATABASE_URL", description="as role hub_api")
    worker: SecretStr | None = Field(None, alias="WORKER_DATABASE_URL", description="as role hub_worker")
    maintenance: SecretStr | None = Field(None, alias="MAINTENANCE_DATABASE_URL", description="as role hub_maintenance")
    owner: SecretStr | None = Field(None, alias="OWNER_DATABASE_URL", description="as the role that migrates")
    pool_size: int = Field(8, alias="DATABASE_POOL_SIZE", ge=1, le=200, description="connections per process; 1 on AWS")


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


class PluginSettings(Settings):
    """Where connectors are looked for besides entry points."""

    paths: str = Field("", alias="PLUGIN_PATHS", description="folders, separated by the system's path separator")
    allowed: str = Field(
        "", alias="PLUGIN_ALLOW_LIST", description="`distribution@sha256` entries, separated by commas"
    )


class EgressSettings(Settings):
    """Which private networks checks may reach."""

    allow: str = Field("", alias="EGRESS_ALLOW", description="CIDR ranges, separated by commas")


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
    on_demand_per_minute: int = Field(60, alias="ON_DEMAND_PER_MINUTE", ge=1, description="per tenant")


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


class RetentionSettings(Settings):
    """How long things are kept, in days."""

    checks: int = Field(35, alias="RETENTION_CHECKS_DAYS", ge=1, description="raw checks")
    deleted: int = Field(90, alias="RETENTION_DELETED_DAYS", ge=1, description="deleted integrations")
    delivered: int = Field(7, alias="RETENTION_DELIVERED_DAYS", ge=1, description="delivered events")


def check_settings() -> None:
    """Read every settings class, before anything is started that would find out by and by.

    Raises:
        SettingsInvalid: naming each variable of the first class that is missing or wrong.
    """
    for kind in Settings.__subclasses__():
        load(kind)


SettingsT = TypeVar("SettingsT", bound=Annotated[Settings, "any settings class"])


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
            f"{error['loc'][0]}: {error['msg'].removeprefix('Value error, ')}"
            for error in invalid.errors(include_input=False)
        )
        raise SettingsInvalid(f"settings: {wrong}") from None
