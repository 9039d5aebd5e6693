"""The deployment's secret backends: from settings to adapters, by alias."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from integrations_hub.credentials.errors import BackendsInvalid
from integrations_hub.credentials.local import EnvironmentBackend, FileBackend
from integrations_hub.credentials.ports import SecretBackend
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings

__all__ = ["BackendSettings", "EnvironmentSettings", "FileSettings", "VaultSettings", "build_backends"]

_ALIAS = re.compile(r"[a-z][a-z0-9-]{0,31}")


class FileSettings(BaseModel):
    """Files below a folder; development only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file"] = "file"
    root: Path


class EnvironmentSettings(BaseModel):
    """Environment variables; development only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["env"] = "env"


BackendSettings = Annotated[VaultSettings | FileSettings | EnvironmentSettings, Field(discriminator="kind")]


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
    return {alias: _build(alias, raw, environment, development=development) for alias, raw in backends.items()}


def _build(
    alias: str, raw: Mapping[str, object], environment: Mapping[str, str] | None, *, development: bool
) -> SecretBackend:
    settings = _parsed(alias, raw)
    if isinstance(settings, VaultSettings):
        return VaultBackend(alias, settings)
    if not development:
        raise BackendsInvalid(
            f"SECRET_BACKENDS: {alias}: kind {settings.kind} is for development: set DEVELOPMENT_SECRETS"
        )
    if isinstance(settings, FileSettings):
        return FileBackend(alias, settings.root)
    if environment is None:
        raise BackendsInvalid(f"SECRET_BACKENDS: {alias}: this process was given no environment to read secrets from")
    return EnvironmentBackend(alias, environment)


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
