"""From a deployment's settings to what the rest of the hub asks of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.core_dumps import forbid_core_dumps
from integrations_hub.credentials.errors import BackendsInvalid
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from integrations_hub.errors import Invalid

__all__ = ["SecretSettings", "build_secrets"]


class SecretSettings(Protocol):
    """What a deployment sets; `fingerprint_key_ref` is an AuthRef."""

    @property
    def backends(self) -> Mapping[str, Mapping[str, object]]:
        """Return the settings of each backend by alias."""

    @property
    def development(self) -> bool:
        """Tell whether the kinds for development are allowed."""

    @property
    def webhook_overlap_s(self) -> float:
        """Return how long a webhook secret's version before still counts."""

    @property
    def fingerprint_key_ref(self) -> str | None:
        """Return the reference to the key of fingerprints."""


def build_secrets(settings: SecretSettings, environment: Mapping[str, str]) -> Secrets:
    """Return the secrets of a deployment; `environment` is what a backend of kind `env` reads. Nothing is opened.

    From here on the process may hold secrets: it writes no core dump any more.

    Raises:
        BackendsInvalid: naming the setting and what is wrong, never a value.
    """
    forbid_core_dumps()
    backends = build_backends(settings.backends, development=settings.development, environment=environment)
    secrets = Secrets(Resolver(backends), overlap_s=settings.webhook_overlap_s)
    if settings.fingerprint_key_ref is None:
        return secrets
    try:
        return replace(secrets, fingerprint_key=AuthRef.parse(secrets.canonical(settings.fingerprint_key_ref)))
    except Invalid as invalid:
        sentence = invalid.violations[0].detail
    raise BackendsInvalid(f"FINGERPRINT_KEY_REF: {sentence}")
