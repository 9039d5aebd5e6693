"""Judge a draft before anything is stored or asked: the connector judges the config, policy judges the rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Protocol

from integrations_hub.caller import Caller
from integrations_hub.catalog.model import MaintenanceWindow
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.connector.contract import CredentialNeed
from integrations_hub.errors import Invalid, Violation
from integrations_hub.health.ports import ConnectorHost, ValidConfig

__all__ = ["Registration", "SecretReferences", "ValidDraft"]

_DEEPEST_CONFIG = 16


class SecretReferences(Protocol):
    """Knows the grammar of AuthRefs and the backends of the deployment."""

    def canonical(self, uri: str, pointer: str = "/authRefUri") -> str:
        """Return the reference as it is stored.

        Raises:
            Invalid: it is no AuthRef, or names no known backend; the sentence never repeats it, `pointer` says where.
        """


@dataclass(frozen=True, slots=True)
class ValidDraft:
    """A draft that may be registered: its config as stored, its reference canonical."""

    draft: IntegrationDraft
    valid: ValidConfig
    auth_ref_uri: str | None
    maintenance: tuple[MaintenanceWindow, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """The rules a draft must pass, the same for create, update and test."""

    host: ConnectorHost
    references: SecretReferences
    minimum_interval_s: int
    proxies: Collection[str] = ()

    def judge(self, draft: IntegrationDraft, caller: Caller) -> ValidDraft:
        """Return the draft in the form that is stored; the caller owns quiet times that name nobody.

        Raises:
            Invalid: saying where and what to change.
        """
        if draft.check_interval_seconds < self.minimum_interval_s:
            sentence = f"must be at least {self.minimum_interval_s}"
            raise Invalid("The check interval is too short.", [Violation("/checkIntervalSeconds", sentence)])
        if _depth(draft.config) > _DEEPEST_CONFIG:
            sentence = f"must not nest deeper than {_DEEPEST_CONFIG} levels"
            raise Invalid("The config is nested too deep.", [Violation("/config", sentence)])
        valid = self._named(self.host.validate(draft.type, draft.config))
        return ValidDraft(
            draft,
            valid,
            self._reference(draft.auth_ref_uri, valid.credential),
            tuple(
                MaintenanceWindow(one.starts_at, one.ends_at, one.reason, one.owner or caller.subject)
                for one in draft.maintenance
            ),
        )

    def _named(self, valid: ValidConfig) -> ValidConfig:
        """Return the config with the secrets it names in canonical form, and a proxy only if the operator names it."""
        if valid.proxy is not None and valid.proxy not in self.proxies:
            known = ", ".join(self.proxies) or "none"
            sentence = f"names no proxy of this hub (EGRESS_PROXIES); known are: {known}"
            raise Invalid("The proxy is not one of the operator's.", [Violation("/config/proxy", sentence)])
        named = {name: self._canonical(uri, f"/config/{name}") for name, uri in valid.references.items()}
        return replace(valid, config={**valid.config, **named}) if named else valid

    def _canonical(self, uri: str, pointer: str) -> str:
        try:
            return self.references.canonical(uri)
        except Invalid as refused:
            violations = [Violation(pointer, one.detail) for one in refused.violations]
        raise Invalid("A secret's reference in the config is not valid.", violations)

    def _reference(self, uri: str | None, need: CredentialNeed) -> str | None:
        if uri is None and need is CredentialNeed.REQUIRED:
            sentence = "is required by this type: name the secret as authref://<backend>/<path>"
            raise Invalid("The secret's reference is missing.", [Violation("/authRefUri", sentence)])
        if uri is not None and need is CredentialNeed.NONE:
            sentence = "must be left out: this type uses no credential"
            raise Invalid("This type takes no secret.", [Violation("/authRefUri", sentence)])
        return None if uri is None else self.references.canonical(uri)


def _depth(value: object) -> int:
    """Return how deep a JSON value nests; a scalar is 0."""
    deepest, level = 0, [value]
    while containers := [one for one in level if isinstance(one, dict | list)]:
        level = [child for one in containers for child in (one.values() if isinstance(one, dict) else one)]
        deepest += 1
    return deepest
