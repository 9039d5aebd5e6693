"""What a call is about, as its connector reads it: the config judged, and where it points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from integrations_hub.catalog.plugin import PluginCatalog
from integrations_hub.connector.contract import CheckResult, Connector, ConnectorConfig, Endpoint
from integrations_hub.connector.errors import CheckFailed, ConfigInvalid
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import redacting
from integrations_hub.errors import Invalid, Violation
from integrations_hub.health.ports import ConnectorCall, CredentialSource, ValidConfig

if TYPE_CHECKING:
    from integrations_hub.connector.client_certificate import ClientCertificate

__all__ = [
    "AnyConnector",
    "Subject",
    "Subjects",
    "as_stored",
    "certificate_for",
    "end_with",
    "not_installed",
    "not_one_of",
    "with_certificate",
]

AnyConnector = Connector[ConnectorConfig]


@dataclass(frozen=True, slots=True)
class Subject:
    """A connector, a config as it reads it, and where that points."""

    connector: AnyConnector
    config: ConnectorConfig
    endpoint: Endpoint
    target: str
    client_certificate: ClientCertificate | None = None

    def redacting(self) -> AbstractContextManager[object]:
        """Keep the client certificate's key out of what is logged inside."""
        return redacting(self.client_certificate.secret) if self.client_certificate else nullcontext()

    def with_end(self, result: CheckResult) -> CheckResult:
        """Return a result that tells of the client certificate's end where the credential's does not come first."""
        return end_with(result, self.client_certificate)

    def require_kind(self, kind: str) -> None:
        """Return when the connector enumerates a kind.

        Raises:
            CheckFailed: `invalid_config`, naming the kinds it has.
        """
        kinds = self.connector.resource_kinds
        if kind not in kinds:
            remedy = f"Ask for kind={' or '.join(kinds)}." if kinds else "Look at the capabilities GET /plugins lists."
            raise CheckFailed(Reason.INVALID_CONFIG, f"{self.connector.type} enumerates no such kind", remedy)

    def require_webhooks(self) -> None:
        """Return when the connector sets up webhooks and verifies what they deliver.

        Raises:
            CheckFailed: `invalid_config` when it does not.
        """
        if not self.connector.webhooks:
            evidence, remedy = f"{self.connector.type} has no webhooks", "Look at the capabilities GET /plugins lists."
            raise CheckFailed(Reason.INVALID_CONFIG, evidence, remedy)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Judges configs by the connectors of this process."""

    plugins: PluginCatalog

    def validate(self, type_: str, config: Mapping[str, Any]) -> ValidConfig:
        """Have the type's connector judge a config.

        Raises:
            Invalid: the type is not installed, or the config is wrong.
        """
        connector = self.plugins.get(type_)
        if connector is None:
            raise not_installed(self.plugins)
        try:
            model = connector.validate_config(config)
            target = str(connector.target(model))
        except ConfigInvalid as invalid:
            violations = [Violation(f"/config{pointer}", sentence) for pointer, sentence in invalid.violations]
            raise Invalid("The config is not valid; errors say where.", violations) from None
        return ValidConfig(
            config=as_stored(model.model_dump(mode="json", by_alias=True, exclude_none=True)),
            category=connector.category,
            target=target,
            credential=connector.credential,
            references=model.references(),
            proxy=connector.endpoint(model).proxy,
        )

    def of(self, call: ConnectorCall) -> Subject:
        """Return what a call is about.

        Raises:
            CheckFailed: the connector is missing, or no longer accepts the config.
        """
        connector = self.plugins.get(call.type)
        if connector is None:
            evidence = f"no connector for the type {call.type} is installed"
            raise CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "Install the connector, or delete the integration.")
        try:
            config = connector.validate_config(call.config)
            return Subject(connector, config, connector.endpoint(config), str(connector.target(config)))
        except ConfigInvalid as invalid:
            evidence = f"the connector no longer accepts the config: {invalid}"
            raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Update the config.", step=StepName.PRODUCT) from None


async def with_certificate(subject: Subject, tenant: str, credentials: CredentialSource) -> Subject:
    """Return a subject with the client certificate its endpoint names, if it does, resolved for one call.

    Raises:
        CheckFailed: `secret_unavailable`, or `invalid_config` when the secret is no certificate.
    """
    certificate = await certificate_for(subject.endpoint, subject.target, tenant, credentials)
    return replace(subject, client_certificate=certificate) if certificate else subject


async def certificate_for(
    endpoint: Endpoint, target: str, tenant: str, credentials: CredentialSource
) -> ClientCertificate | None:
    """Return the client certificate an endpoint names, resolved for one call; None when it names none.

    Raises:
        CheckFailed: `secret_unavailable`, or `invalid_config` when the secret is no certificate.
    """
    reference = endpoint.client_certificate_ref
    if reference is None:
        return None
    from integrations_hub.connector.client_certificate import ClientCertificate  # noqa: PLC0415 - few calls have one

    try:
        secret = await credentials.credential(tenant, reference, target)
    except CheckFailed as failure:
        verdict = _about_the_certificate(failure)
    else:
        # a tenant's name holds no slash: no two pairs of tenant and reference are one owner
        return ClientCertificate.of(f"{tenant}/{reference}", secret)
    raise verdict


def end_with(result: CheckResult, certificate: ClientCertificate | None) -> CheckResult:
    """Return a result that tells of a client certificate's end where the credential's does not come first."""
    if certificate is None:
        return result
    ends = filter(None, (result.credential_ends_at, certificate.ends_at))
    return replace(result, credential_ends_at=min(ends))


def not_installed(plugins: PluginCatalog) -> Invalid:
    """Return the refusal of a type that is not installed, naming those that are."""
    return not_one_of(plugins.types())


def not_one_of(types: Sequence[str]) -> Invalid:
    """Return the refusal of a type that is none of these."""
    known = ", ".join(types) or "none"
    return Invalid("This type is not installed.", [Violation("/type", f"must be one of: {known}")])


def _about_the_certificate(failure: CheckFailed) -> CheckFailed:
    """Return what keeps a secret away, said of the certificate and not of the credential."""
    remedy = failure.remedy.replace("authRefUri", "clientCertificateRef")
    return CheckFailed(failure.reason, f"the client certificate: {failure.evidence}", remedy, step=StepName.TLS)


def as_stored(value: Any) -> Any:
    """Order names as PostgreSQL's jsonb does, so that what is answered now is, byte for byte, what is read later."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return {name: as_stored(value[name]) for name in names}
    return [as_stored(one) for one in value] if isinstance(value, list) else value
