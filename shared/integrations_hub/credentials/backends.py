"""The deployment's secret backends: from settings to adapters, by alias."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from integrations_hub.credentials.aws_parameter_store import ParameterStoreBackend, ParameterStoreSettings
from integrations_hub.credentials.aws_secrets_manager import SecretsManagerBackend, SecretsManagerSettings
from integrations_hub.credentials.azure import KeyVaultBackend
from integrations_hub.credentials.azure_settings import AzureSettings
from integrations_hub.credentials.environment import EnvironmentBackend
from integrations_hub.credentials.errors import BackendsInvalid
from integrations_hub.credentials.files import FileBackend
from integrations_hub.credentials.gcp import SecretManagerBackend
from integrations_hub.credentials.gcp_settings import GoogleSettings
from integrations_hub.credentials.kept import missing_extra
from integrations_hub.credentials.ports import SecretBackend
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings

__all__ = ["build_backends"]

_ALIAS = re.compile(r"[a-z][a-z0-9-]{0,31}")
# What a kind imports when its first secret is read, by the extra that brings it; `vault+aws` is Vault's AWS login.
_EXTRAS = {
    "aws-sm": ("aws", "boto3"),
    "aws-ssm": ("aws", "boto3"),
    "azure-kv": ("azure", "azure.identity", "azure.keyvault.secrets"),
    "gcp-sm": ("gcp", "google.cloud.secretmanager_v1"),
    "vault+aws": ("aws", "botocore"),
}


class KubernetesSettings(BaseModel):
    """Secrets that Kubernetes mounts at `{root}/{tenant}/{path}/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["k8s"] = "k8s"
    root: Path


class FileSettings(BaseModel):
    """Files below a folder; development only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file"] = "file"
    root: Path


class EnvironmentSettings(BaseModel):
    """Environment variables; development only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["env"] = "env"


BackendSettings = Annotated[
    VaultSettings
    | SecretsManagerSettings
    | ParameterStoreSettings
    | AzureSettings
    | GoogleSettings
    | KubernetesSettings
    | FileSettings
    | EnvironmentSettings,
    Field(discriminator="kind"),
]


def build_backends(
    backends: Mapping[str, Mapping[str, object]],
    *,
    development: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Mapping[str, SecretBackend]:
    """Return the adapters by alias; `kind` may be left out where the alias is the kind. Nothing is imported or opened.

    `environment` is what `env` reads; `file` and `env` need `development`.

    Raises:
        BackendsInvalid: naming the alias and what is wrong, never a value.
    """
    built = {}
    for alias, raw in backends.items():
        settings = _parsed(alias, raw)
        wrong = _unmet(settings, development=development) or _missing(settings)
        if wrong:
            raise BackendsInvalid(f"SECRET_BACKENDS: {alias}: kind {settings.kind} {wrong}")
        built[alias] = _built(alias, settings, environment)
    return built


def _unmet(settings: BackendSettings, *, development: bool) -> str | None:
    if isinstance(settings, FileSettings | EnvironmentSettings) and not development:
        return "is for development: set DEVELOPMENT_SECRETS"
    return None


def _missing(settings: BackendSettings) -> str | None:
    by_aws = isinstance(settings, VaultSettings) and settings.login.method == "aws"
    needed = _EXTRAS.get("vault+aws" if by_aws else settings.kind)
    return missing_extra(*needed) if needed else None


def _built(  # noqa: PLR0911 - one line for each kind
    alias: str, settings: BackendSettings, environment: Mapping[str, str] | None
) -> SecretBackend:
    match settings:
        case VaultSettings():
            return VaultBackend(alias, settings)
        case SecretsManagerSettings():
            return SecretsManagerBackend(alias, settings)
        case ParameterStoreSettings():
            return ParameterStoreBackend(alias, settings)
        case AzureSettings():
            return KeyVaultBackend(alias, settings)
        case GoogleSettings():
            return SecretManagerBackend(alias, settings)
        case KubernetesSettings() | FileSettings():
            return FileBackend(alias, settings.root, settings.kind)
        case EnvironmentSettings():
            if environment is None:
                raise BackendsInvalid(f"SECRET_BACKENDS: {alias}: this process has no environment to read secrets from")
            return EnvironmentBackend(alias, environment)
    assert_never(settings)


def _parsed(alias: str, raw: Mapping[str, object]) -> BackendSettings:
    if not _ALIAS.fullmatch(alias):
        raise BackendsInvalid("SECRET_BACKENDS: an alias is a lower-case letter and at most 31 letters, digits and -")
    adapter: TypeAdapter[BackendSettings] = TypeAdapter(BackendSettings)
    try:
        return adapter.validate_python({"kind": alias, **raw})
    except ValidationError as invalid:
        errors = invalid.errors(include_input=False, include_url=False, include_context=False)
    wrong = "; ".join(f"{'.'.join(map(str, error['loc'])) or 'kind'}: {error['msg']}" for error in errors)
    raise BackendsInvalid(f"SECRET_BACKENDS: {alias}: {wrong}")
